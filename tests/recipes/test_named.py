"""The recipes that come with pawlens, against the published systems that they follow."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from pawlens.errors import RecipeError
from pawlens.recipes import (
    Choice,
    Range,
    Recipe,
    Search,
    Train,
    Unfreeze,
    find_recipe,
    named_recipes,
    override,
    read_recipe,
)
from pawlens.recipes._yaml import load_yaml

NAMES = (
    "default",
    "quick",
    "best",
    "record",
    "finetune",
    "a-resnet34-sgdr",
    "b-features",
    "b-finetune",
    "b-fused",
    "b-fused-search",
    "b-split",
    "c-fusionnet",
    "d-cat12",
)


def trains(name: str) -> list[Train]:
    return [phase for phase in read_recipe(name).phases if isinstance(phase, Train)]


def test_all_are_listed() -> None:
    assert named_recipes() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_reads_back_and_is_introduced(name: str) -> None:
    found = find_recipe(name)
    assert found.name == name
    assert found.recipe.about
    assert found.notes
    assert Recipe.parse(load_yaml(found.recipe.to_yaml()), name) == found.recipe


def settings_in_notes(name: str) -> list[list[str]]:
    """The settings that the notes of a recipe name, those of a line together."""
    pattern = re.compile(r"--set ('.*?'|[^\s`]+)")
    lines = (pattern.findall(line) for line in find_recipe(name).notes.splitlines())
    return [shlex.split(" ".join(settings)) for settings in lines if settings]


@pytest.mark.parametrize(
    ("name", "count"),
    [("a-resnet34-sgdr", 2), ("b-finetune", 5), ("b-fused", 7), ("c-fusionnet", 1)],
)
def test_settings_that_its_notes_name_are_in_order(name: str, count: int) -> None:
    found = find_recipe(name).recipe
    lines = settings_in_notes(name)
    assert sum(map(len, lines)) == count
    for settings in lines:
        changed = override(found, settings).model_dump()
        assert changed != found.model_dump()
        for setting in settings:
            path, _, text = setting.partition("=")
            *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
            place: Any = changed
            for part in way:
                place = place[part]
            value = load_yaml(text)
            if isinstance(value, dict):  # a phase: what is not named takes its usual value
                assert place[last].items() >= value.items()
            else:
                assert place[last] == value


def test_all_notes_that_name_settings_are_tried() -> None:
    naming = {name for name in NAMES if "--set" in find_recipe(name).notes}
    assert naming == {"a-resnet34-sgdr", "b-finetune", "b-fused", "c-fusionnet"}


def test_the_general_ones() -> None:
    assert read_recipe("default").model_copy(update={"about": ""}) == Recipe()
    assert read_recipe("quick").model_copy(update={"about": ""}) == Recipe(folds=3)
    assert read_recipe("best").phases == read_recipe("record").phases == []
    assert read_recipe("record").backbones == ["densenet169", "tf_efficientnet_b4@380"]


def test_system_a() -> None:
    quick, first, whole = trains("a-resnet34-sgdr")
    assert (quick.length, first.length, whole.length) == (2, 7, 63)
    assert (quick.rate, whole.rate, whole.rates) == ("found", 0.01, [0.01, 0.1, 1.0])
    assert quick.augment == "none"
    assert first.augment == whole.augment != "none"


@pytest.mark.parametrize(("name", "epochs"), [("b-features", 10), ("b-fused", 7), ("b-split", 10)])
def test_system_b(name: str, epochs: int) -> None:
    (train,) = trains(name)
    assert (train.optimizer, train.rate, train.batch) == ("adadelta", 1.0, 128)
    assert train.length == epochs
    assert {"do": "calibrate", "clip": 0.005} in read_recipe(name).model_dump()["phases"]


def test_the_search_of_system_b() -> None:
    (search,) = (one for one in read_recipe("b-fused-search").phases if isinstance(one, Search))
    assert search == Search(do="search")
    assert (search.trials, search.epochs, search.patience, search.batch) == (100, 200, 8, 128)
    assert search.values() == {
        "rate": Range("log", 0.001, 0.01),
        "decay": Range("uniform", 0.0005, 0.05),
        "momentum": Choice((0.5, 0.8, 0.9)),
        "dropout": Choice((0.1, 0.2, 0.3, 0.5)),
    }


def test_system_c() -> None:
    head, both = trains("c-fusionnet")
    assert (head.momentum, head.rate, head.length) == (0.91, 1e-3, 2)
    assert (both.rates, both.schedule, both.drop_last) == ([0.1, 1.0], "plateau", True)
    assert Unfreeze(do="unfreeze", blocks=3) in read_recipe("c-fusionnet").phases


def test_a_file_and_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# One.\n#\n#   two\nfolds: 3\n# no more\n", encoding="utf-8")
    found = find_recipe(path)
    assert (found.name, found.notes, found.recipe) == ("mine", "One.\n\n  two", Recipe(folds=3))
    assert read_recipe(str(path)) == Recipe(folds=3)


def test_a_name_is_no_file_and_a_file_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("best", "own"):
        Path(name).write_text("folds: 7", encoding="utf-8")
    assert read_recipe("best").folds == 5
    assert read_recipe("./best").folds == read_recipe("own").folds == 7


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("c-fusionet", "unknown recipe 'c-fusionet', nearest: c-fusionnet"),
        ("zzz", "unknown recipe 'zzz', nearest: default, quick, best"),
        ("zzz.yaml", "zzz.yaml: cannot be read"),
        ("named/zzz", "named/zzz: cannot be read"),
    ],
)
def test_unknown_recipes(name: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        read_recipe(name)
