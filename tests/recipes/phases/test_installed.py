"""A phase of an installed package stands in a recipe like a built-in one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pawlens.errors import PluginError, RecipeError
from pawlens.recipes import PHASES, Phase, Recipe, Train, explain, load_yaml, override

FUSE, NOTE, TRAIN = {"do": "fuse"}, {"do": "note", "least": 3}, {"do": "train"}
AUTHOR = "from typing import Literal\nfrom pawlens.plugins import Phase\n"


def parse(*phases: Any) -> Recipe:
    return Recipe.parse({"phases": list(phases)}, "here")


def wrong(*phases: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(*phases)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("here: ")


@pytest.mark.usefixtures("note")
def test_it_is_read_from_yaml_and_written_back() -> None:
    text = "phases:\n- {do: fuse}\n- {do: note, least: 3}\n- {do: train}\n"
    recipe = Recipe.parse(load_yaml(text), "here")
    phase = recipe.phases[1]
    assert (type(phase).__name__, type(phase).__module__) == ("Note", "pawlens_note")
    assert phase.model_dump() == NOTE
    assert "- {do: note, least: 3}\n" in recipe.to_yaml()
    assert Recipe.parse(load_yaml(recipe.to_yaml()), "again") == recipe
    assert recipe.model_dump()["phases"][1] == NOTE
    assert override(recipe, ["phases.1.least=5"]).phases[1].model_dump()["least"] == 5


@pytest.mark.usefixtures("note")
def test_it_is_told_in_words_beside_the_others() -> None:
    told = explain(parse(FUSE, NOTE, TRAIN))
    assert [name for name, _ in told] == [
        "backbones", "photos", "0 fuse", "1 note", "2 train", "probabilities", "in all",
    ]  # fmt: skip
    assert dict(told)["1 note"] == "Note how many photos train; at least 3 of each class."


@pytest.mark.usefixtures("note")
@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([FUSE, NOTE | {"laest": 3}], "unknown key 'phases.1.laest'; did you mean 'least'?"),
        ([FUSE, NOTE | {"least": -1}], "phases.1.least = -1: input should be greater than or equ"),
        ([FUSE, {"do": "noet"}], "phases.1.do = 'noet': did you mean 'note'?"),
        ([FUSE, NOTE, NOTE], "phases.2: a note right after another says the same again; leave it"),
        ([{"do": "search"}, NOTE], "phases.1: note goes with no search of heads, which fuses and"),
        ([FUSE, {"do": "calibrate"}, NOTE], "phases.2: note comes after calibrate; calibrate, ev"),
    ],
)
def test_what_is_wrong_with_it_is_told_as_of_the_others(phases: list[Any], message: str) -> None:
    assert wrong(*phases).startswith(message)


def test_it_is_unknown_where_it_is_not_installed() -> None:
    assert "note" not in PHASES.names()
    assert wrong(FUSE, NOTE).startswith("phases.1.do = 'note': did you mean 'find_rate'?")


@pytest.mark.usefixtures("note")
def test_it_is_imported_when_a_recipe_names_it() -> None:
    assert PHASES.names()[-1] == "note"
    parse(FUSE, TRAIN)
    assert "pawlens_note" not in sys.modules
    parse(FUSE, NOTE)
    assert "pawlens_note" in sys.modules


def test_keys_of_its_own_models_are_known(install: Callable[[str, str], None]) -> None:
    code = (
        "from pydantic import BaseModel\n"
        "class Span(BaseModel, extra='forbid'):\n    low: int = 0\n    high: int = 1\n"
        "class Between(Phase):\n    do: Literal['between']\n"
        "    spans: list[Span] | None = None\n"
        "    def words(self):\n        return 'Nothing.'\n"
    )
    install(AUTHOR + code, "between = spans:Between")
    message = wrong(FUSE, {"do": "between", "spans": [{"low": 1}, {"hgh": 2}]})
    assert message == "unknown key 'phases.1.spans.1.hgh'; did you mean 'high'?"


def test_another_phase_that_trains_counts_as_one(install: Callable[[str, str], None]) -> None:
    """But for `find_rate`, which needs the optimiser of the built-in one."""
    code = (
        "class Own(Phase):\n    do: Literal['own']\n    trains = True\n"
        "    def words(self):\n        return 'Train.'\n"
    )
    install(AUTHOR + code, "own = own_training:Own")
    unfreeze, own = {"do": "unfreeze"}, {"do": "own"}
    assert len(parse(FUSE, unfreeze, own).phases) == 3
    assert wrong(FUSE, own, unfreeze).startswith("phases.2: unfreeze needs a train after it")
    assert wrong(FUSE, {"do": "find_rate"}, own).startswith("phases.1: find_rate needs a train af")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("class Own:\n    do = 'own'\n", "own is no subclass of pawlens.plugins.Phase"),
        ("class Own(Phase):\n    do: Literal['own']\n", r"Own has no method words\(\)"),
        (
            "class Own(Phase):\n    do: Literal['mine']\n    def words(self):\n        return ''\n",
            "Own must declare do: Literal\\['own'\\]",
        ),
    ],
)
def test_what_is_no_phase_is_told_with_its_package(
    code: str, reason: str, install: Callable[[str, str], None]
) -> None:
    install(AUTHOR + code, "own = others_phases:Own")
    with pytest.raises(PluginError, match=f"others_phases 1.0: its recipe phase 'own' .*{reason}"):
        parse(FUSE, {"do": "own"})


def test_a_built_in_name_is_not_taken(install: Callable[[str, str], None]) -> None:
    code = "class Own(Phase):\n    do: Literal['train']\n    def words(self):\n        return ''\n"
    install(AUTHOR + code, "train = rude_phases:Own")
    assert isinstance(parse(FUSE, TRAIN).phases[1], Train)
    with pytest.raises(PluginError, match=r"rude_phases 1\.0 offers the recipe phase 'train', a n"):
        PHASES.names()


@pytest.mark.torch
@pytest.mark.usefixtures("note")
def test_it_runs_in_a_training(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    pytest.importorskip("torch")
    from pawlens import Classifier, Photos

    recipe = parse(FUSE, NOTE, TRAIN | {"batch": 8, "epochs": 2, "rate": 0.01})
    photos = Photos.read(photo_folder(cat=12, dog=20))
    run = Classifier(recipe=recipe, folds=2, cache_dir=tmp_path).fit(photos, tmp_path / "run")
    row = next(row for row in run.history if row["do"] == "note")
    trained = {"cat": row["photos"]["cat"], "dog": row["photos"]["dog"]}
    assert row["words"] == "Photos that train: {cat} of cat, {dog} of dog".format(**trained)
    assert row["phase"] == 1
    assert 4 <= trained["cat"] < trained["dog"] <= 10
    assert row["words"] in (run.path / "report.html").read_text(encoding="utf-8")
    assert "{do: note, least: 3}" in (run.path / "recipe.yaml").read_text(encoding="utf-8")
    assert json.dumps(run.metrics)
    with pytest.raises(RecipeError, match=r"phases\.1: . photos of 'cat' train, and least is 99"):
        Classifier(recipe=override(recipe, ["phases.1.least=99"]), folds=2).fit(
            photos, tmp_path / "other"
        )


def test_a_phase_that_says_nothing_of_itself_does_nothing() -> None:
    class Idle(Phase):
        do: str = "idle"

        def words(self) -> str:
            return "Nothing."

    idle = Idle()
    assert [idle.acts_on_network, idle.puts_on_head, idle.needs_body] == [False] * 3
    assert (idle.check([], []), idle.check_other(idle)) == ("", "")
