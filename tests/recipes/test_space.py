"""The space of a search: what is read, and what is refused in one line."""

from __future__ import annotations

from typing import Any

import pytest

from pawlens.errors import RecipeError
from pawlens.recipes import RUNGS, Choice, Range, Recipe, Search, explain
from pawlens.recipes._yaml import load_yaml


def recipe(*others: dict[str, Any], **values: Any) -> Recipe:
    return Recipe.parse({"phases": [{"do": "search"} | values, *others]}, "here")


def test_every_form_of_a_value() -> None:
    space = {
        "rate": {"log": [1e-3, 1]},
        "decay": {"uniform": [0, 0.5]},
        "hidden": [[], [8, 4]],
        "batch_norm": True,
        "optimizer": ["sgd", "adadelta"],
    }
    (search,) = recipe(head="mlp", space=space).phases
    assert isinstance(search, Search)
    assert search.values() == {
        "rate": Range("log", 1e-3, 1),
        "decay": Range("uniform", 0, 0.5),
        "hidden": Choice(([], [8, 4])),
        "batch_norm": Choice((True,)),
        "optimizer": Choice(("sgd", "adadelta")),
    }
    whole = recipe(head="mlp", space=space)
    assert Recipe.parse(load_yaml(whole.to_yaml()), "again") == whole


FUSE, TRAIN = {"do": "fuse"}, {"do": "train"}
LOG = {"phases.2.rate": {"log": [1e-4, 1e-2]}}


@pytest.mark.parametrize(
    ("values", "others", "message"),
    [
        ({"space": {"rat": 1}}, [], "phases.0: space.rat: unknown value; known: rate, decay"),
        ({"space": {"hidden": [[8]]}}, [], "space.hidden: unknown value; it needs head: mlp"),
        ({"space": {"rate": {"lg": [1, 2]}}}, [], "space.rate: write {log: [low, high]}"),
        ({"space": {"rate": {"log": [1]}}}, [], "space.rate: write {log: [low, high]}"),
        ({"space": {"rate": {"log": [2, 1]}}}, [], "the low end 2 must be below the high end 1"),
        ({"space": {"decay": {"log": [0, 1]}}}, [], "the ends of log must be above 0"),
        ({"space": {"rate": {"whole": [1, 2.5]}}}, [], "ends of whole must be whole numbers"),
        ({"space": {"rate": []}}, [], "space.rate: the list is empty"),
        ({"space": {"rate": [0.1, 0]}}, [], "space.rate: numbers above 0"),
        ({"space": {"momentum": {"uniform": [0, 1]}}}, [], "momentum: numbers from 0 to below 1"),
        ({"space": {"optimizer": ["adam"]}}, [], "space.optimizer: a list of sgd and adadelta"),
        ({"head": "mlp", "space": {"hidden": [8]}}, [], "a list of lists of widths"),
        ({"head": "mlp", "space": {"batch_norm": [0]}}, [], "a list of true and false"),
        ({}, [FUSE, TRAIN], "phases.1: fuse goes with no search of heads"),
        ({}, [{"do": "search"}], "phases.1: a second search: a recipe has one"),
        ({"head": None}, [FUSE, TRAIN], "phases.0: a search without a head needs a space"),
        ({"head": None, "space": LOG}, [], "phases: none of them is a fuse"),
        ({"head": None, "space": LOG}, [FUSE], "needs a train, whose loss it compares"),
        ({"head": None, "space": {"rate": 1}}, [FUSE, TRAIN], "name a value by its path"),
        ({"head": None, "space": LOG, "pruner": "asha"}, [FUSE, TRAIN], "asha goes with a head"),
        ({"trials": 0}, [], "phases.0.trials = 0: input should be greater than or equal to 1"),
        ({"space": 3}, [], "phases.0.space = 3: input should be a valid dictionary"),
    ],
)
def test_what_is_refused(values: dict[str, Any], others: list[Any], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        recipe(*others, **values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_search_of_the_recipe_comes_first() -> None:
    assert recipe(FUSE, TRAIN, head=None, space=LOG)
    search = {"do": "search", "head": None, "space": LOG}
    with pytest.raises(RecipeError, match="comes before the phases that it varies"):
        Recipe.parse({"phases": [FUSE, search, TRAIN]}, "here")


@pytest.mark.parametrize(
    "values",
    [
        {"trials": 3},
        {"sampler": "random"},
        {"pruner": "asha"},
        {"epochs": 3},
        {"patience": 3},
        {"batch": 3},
        {"head": "mlp"},
        {"space": {"rate": 0.3}},
    ],
)
def test_words_hold_back_no_value(values: dict[str, Any]) -> None:
    assert recipe(**values).phases[0].words() != recipe().phases[0].words()


def test_words_name_the_epochs_at_which_trials_are_ended() -> None:
    """They are those of the searches, which a recipe in words does not import."""
    least, times = RUNGS
    rungs = f"{least}, {least * times}, {least * times**2} ... epochs are ended"
    assert rungs in recipe(pruner="asha").phases[0].words()
    assert "epochs are ended" not in recipe(pruner="none").phases[0].words()


def test_in_all() -> None:
    assert dict(explain(recipe()))["in all"] == "1 phases, 100 heads of at most 200 epochs."
    found = dict(explain(recipe(FUSE, TRAIN | {"epochs": 4}, head=None, space=LOG, trials=7)))
    assert found["in all"] == "3 phases, 4 epochs of training, 7 times."
