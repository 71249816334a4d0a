"""Phases: what is written is read, and what is wrong is named by its path in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from pawlens.errors import RecipeError
from pawlens.recipes import Recipe, Train
from pawlens.recipes._yaml import load_yaml

from .conftest import recipes


@given(recipes)
def test_what_is_written_is_read(recipe: Recipe) -> None:
    assert Recipe.parse(load_yaml(recipe.to_yaml()), "again") == recipe


@pytest.mark.parametrize(
    "about", ["one\x85two", "one\u2028two", "one\u2029", "\x00", "\ufeff", "😺\n"]
)
def test_odd_letters_come_back(about: str) -> None:
    recipe = Recipe.parse({"about": about, "phases": []}, "here")
    assert Recipe.parse(load_yaml(recipe.to_yaml()), "again").about == about


@pytest.mark.parametrize("text", ["1e-3", "1E-3", "0.1e-2", ".1e-2", "1.e-3", "0.001", "+1e-3"])
def test_numbers_are_numbers(text: str) -> None:
    values = load_yaml(f"phases: [{{do: fuse}}, {{do: train, rate: {text}, rates: [{text}, 1]}}]")
    (_, train) = Recipe.parse(values, "here").phases
    assert isinstance(train, Train)
    assert (train.rate, train.rates) == (0.001, [0.001, 1.0])


def test_short_phases_take_a_line() -> None:
    text = Recipe.parse({"phases": [{"do": "fuse", "hidden": [8, 4]}]}, "here").to_yaml()
    assert "- {do: fuse, hidden: [8, 4], dropout: 0.0, batch_norm: false, init: random}\n" in text


def test_sgdr_counts_its_epochs() -> None:
    assert Train(do="train", schedule="sgdr", cycles=6, cycle_mult=2).length == 63
    assert Train(do="train", epochs=4, cycles=6, cycle_mult=2).length == 4


def wrong(phases: Any) -> str:
    with pytest.raises(RecipeError) as caught:
        Recipe.parse({"phases": phases}, "my.yaml")
    message = str(caught.value)
    assert message.startswith("my.yaml: ")
    assert "\n" not in message
    return message.removeprefix("my.yaml: ")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epohcs": 3}, "unknown key 'phases.1.epohcs'; did you mean 'epochs'?"),
        ({"epochs": 0}, "phases.1.epochs = 0: input should be greater than or equal to 1"),
        ({"epochs": "some"}, "phases.1.epochs = 'some': input should be a valid integer"),
        ({"rate": "fuond"}, "phases.1.rate = 'fuond': input should be 'found' or a valid number"),
        ({"rate": -1}, "phases.1.rate = -1: input should be 'found' or greater than 0"),
        ({"rate": float("inf")}, "phases.1.rate = inf: input should be 'found' or a finite"),
        ({"rates": [1, 0]}, "phases.1.rates.1 = 0: input should be greater than 0"),
        ({"optimizer": "sdg"}, "phases.1.optimizer = 'sdg': input should be 'sgd', 'adam'"),
        ({"momentum": 1}, "phases.1.momentum = 1: input should be less than 1"),
        ({"augment": "lite"}, "phases.1.augment = 'lite': input should be 'none', 'flip'"),
        ({"augment": {"flp": 1}}, "unknown key 'phases.1.augment.flp'; did you mean 'flip'?"),
        ({"augment": {"flip": 2}}, "phases.1.augment.flip = 2: input should be less than or eq"),
        ({"do": "tarin"}, "phases.1.do = 'tarin': did you mean 'train'?"),
        ({"do": ["train"]}, "phases.1.do = ['train']: did you mean 'train'?"),
        ({"do": 7}, "phases.1.do = 7: known: explore, fuse, freeze"),
        ({"do": "predict"}, "phases.1.photos is missing"),
        ({"do": "unfreeze", "blocks": 0}, "phases.1.blocks = 0: input should be 'all' or greater"),
        ({"do": "evaluate", "views": ["flop"]}, "phases.1.views.0 = 'flop': input should be"),
        ({1: 2}, "phases.1.1 = 2: keys should be strings"),
    ],
)
def test_wrong_values(values: dict[Any, Any], message: str) -> None:
    assert wrong([{"do": "fuse"}, {"do": "train"} | values]).startswith(message)


@pytest.mark.parametrize("phase", [{}, {"epochs": 3}, "train", None])
def test_no_phase_at_all(phase: Any) -> None:
    assert wrong([phase]).startswith("phases.0: a phase needs a key 'do'; known: explore, fuse")


def test_a_long_value_is_cut() -> None:
    assert len(wrong("x" * 10_000)) < 200


def doubled(do: str, **values: object) -> list[dict[str, object]]:
    """A recipe in order, but for a phase that it has twice."""
    before = [{"do": do, **values}] * 2 if do == "explore" else []
    after = [] if do == "explore" else [{"do": do, **values}] * 2
    return [*before, {"do": "fuse"}, {"do": "train"}, *after]


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        (doubled("explore"), "phases.1: a second explore: both write the same page"),
        (doubled("fuse"), "phases.2: a second fuse: it would throw away the head"),
        (doubled("calibrate"), "phases.3: a second calibrate: only one temperature"),
        (doubled("evaluate"), "phases.3: a second evaluate: a run has the numbers of one"),
        (doubled("evaluate", views=["flip"]), "phases.3: a second evaluate: a run has the"),
        (
            doubled("predict", photos="new"),
            "phases.3: a second predict: both write predictions.csv",
        ),
        (
            [{"do": "search", "head": "dense"}, {"do": "search", "head": "mlp"}],
            "phases.1: a second search: a recipe has one",
        ),
        (
            [
                {"do": "fuse"},
                {"do": "train"},
                {"do": "predict", "photos": "a"},
                {"do": "calibrate"},
                {"do": "predict", "photos": "b"},
            ],
            "phases.4: a second predict",
        ),
    ],
)
def test_what_a_run_does_once_is_asked_for_once(
    phases: list[dict[str, object]], message: str
) -> None:
    assert wrong(phases).startswith(message)


@pytest.mark.parametrize("do", ["clean", "unfreeze", "cache_split"])
def test_what_nothing_comes_of_is_refused(do: str) -> None:
    """A clean after the last training would name photos as left out that had trained."""
    message = f"phases.2: {do} needs a train after it"
    assert wrong([{"do": "fuse"}, {"do": "train"}, {"do": do}]).startswith(message)


FUSE, TRAIN, FIND = {"do": "fuse"}, {"do": "train"}, {"do": "find_rate"}


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([{"do": "explore"}], "phases: none of them is a fuse"),
        ([TRAIN, FUSE], "phases.0: train needs a fuse before it"),
        ([{"do": "calibrate"}, FUSE], "phases.0: calibrate needs a fuse before it"),
        ([FUSE, FIND], "phases.1: find_rate needs a train after it"),
        ([FUSE, TRAIN, FIND], "phases.2: find_rate needs a train after it"),
        ([FUSE, {"do": "calibrate"}, FIND], "phases.2: find_rate needs a train after it"),
        ([FUSE, FIND | {"low": 1, "high": 0.1}, TRAIN], "phases.1: low = 1 must be below high"),
        ([FUSE, TRAIN | {"rate": "found"}], "phases.1: rate: found needs a find_rate before it"),
        ([FUSE | {"init": "logistic", "hidden": [4]}], "phases.0: init: logistic is a linear"),
        ([FUSE | {"init": "logistic", "batch_norm": True}], "phases.0: init: logistic is a"),
        (
            [FUSE, {"do": "cache_split"}, TRAIN, TRAIN | {"augment": "flip"}],
            "phases.3: augment after cache_split: cached activations cannot be augmented",
        ),
        (
            [FUSE, {"do": "cache_split"}, {"do": "clean"}, TRAIN | {"size": 96}],
            "phases.3: size after cache_split: cached activations have the backbone's own size",
        ),
        ([FUSE, {"do": "evaluate"}, TRAIN], "phases.2: train comes after evaluate; calibrate"),
    ],
)
def test_contradictions(phases: list[dict[str, Any]], message: str) -> None:
    assert wrong(phases).startswith(message)


@pytest.mark.parametrize(
    "phases",
    [
        [FUSE | {"init": "logistic", "dropout": 0.5}, {"do": "calibrate"}, {"do": "evaluate"}],
        [
            FUSE,
            TRAIN | {"augment": "flip"},
            {"do": "cache_split"},
            TRAIN | {"augment": {"flip": 0}},
        ],
        [FUSE, {"do": "unfreeze"}, {"do": "cache_split", "blocks": 2}, TRAIN],
        [FUSE, {"do": "cache_split"}, TRAIN, {"do": "unfreeze"}, TRAIN | {"augment": "light"}],
        [FUSE, FIND, TRAIN | {"rate": "found"}, {"do": "clean"}, TRAIN | {"rate": "found"}],
    ],
)
def test_what_is_in_order(phases: list[dict[str, Any]]) -> None:
    assert len(Recipe.parse({"phases": phases}, "here").phases) == len(phases)
