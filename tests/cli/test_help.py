"""What ``--help`` tells of every command, argument and option."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer.main

from pawlens.cli import app
from pawlens.recipes import Recipe, Search

from .conftest import Command

SENTENCE = re.compile(r"(?!(Of|Those|That|It)\b)[A-Z]\S*( \S+){3,}\.$")
# How a text tells what happens if an option is left out.
TOLD = re.compile(r"\b(By default|Without it|Without a model)\b")
AS_THE_RECIPE = re.compile(r"By default as the recipe says, or (\w+)\.$")


@pytest.fixture(scope="module")
def parameters() -> dict[str, Any]:
    """Every argument and option, by its command and its name in the code."""
    group: Any = typer.main.get_command(app)
    commands = {"pawlens": group, **group.commands}
    return {
        f"{command} {parameter.name}": parameter
        for command, declared in commands.items()
        for parameter in declared.params
        if parameter.name != "help"
    }


def test_every_command_is_looked_at(parameters: dict[str, Any]) -> None:
    assert {"pawlens debug", "train photos", "prove copies", "doctor as_json"} <= set(parameters)
    assert len(parameters) > 100


def test_every_text_is_a_sentence(parameters: dict[str, Any]) -> None:
    fragments = {
        name: parameter.help
        for name, parameter in parameters.items()
        if not SENTENCE.match(parameter.help or "")
    }
    assert fragments == {}


@pytest.mark.parametrize(
    "text", ["Rows.", "Of each training photo.", "keep, or trim", "The page.", ""]
)
def test_what_is_no_sentence(text: str) -> None:
    assert not SENTENCE.match(text)


def test_every_text_tells_once_what_happens_without_it(parameters: dict[str, Any]) -> None:
    wrong = {}
    for name, parameter in parameters.items():
        default = parameter.default
        shown = parameter.show_default and default is not False and default not in (None, "")
        told = bool(TOLD.search(parameter.help or ""))
        optional = not parameter.required and name != "pawlens version"
        if optional and shown == told:
            wrong[name] = parameter.help
    assert wrong == {}


def test_the_defaults_of_recipes_are_told_as_they_are(parameters: dict[str, Any]) -> None:
    recipe = Recipe()
    defaults = recipe.model_dump() | Search(do="search").model_dump() | {"backbone": "paw"}
    assert recipe.backbones == [defaults["backbone"]]
    told = {
        name.rpartition(" ")[2]: match[1]
        for name, parameter in parameters.items()
        if (match := AS_THE_RECIPE.search(parameter.help or ""))
    }
    assert len(told) == 13
    assert told == {name: str(defaults[name]) for name in told}


def test_no_command_is_cut_short(pawlens: Command) -> None:
    """A terminal of 80 columns leaves about 60 characters for the first sentence of each."""
    commands = pawlens("--help").out.partition("Commands:")[2].splitlines()[1:]
    assert len(commands) > 15
    assert [line for line in commands if not re.match(r"  \w+ +[A-Z].*\w\w\.$", line)] == []


def test_a_default_of_its_own_is_printed(pawlens: Command) -> None:
    shown = " ".join(pawlens("prove", "--help").out.split())
    assert "answered by a model that was fitted on the others. [default: 5; " in shown
