"""Words are made from the data: every value that matters changes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from pawlens.recipes import (
    FindRate,
    Recipe,
    Search,
    Train,
    _words,
    explain,
    named_recipes,
    read_recipe,
)
from pawlens.recipes.phases import _rate, _search, _train

from .conftest import recipes

OTHER: dict[str, Any] = {
    "epochs": 3,
    "batch": 7,
    "size": 96,
    "optimizer": "sgd",
    "rate": 0.5,
    "rates": [0.1, 1],
    "momentum": 0.5,
    "weight_decay": 0.01,
    "schedule": "cosine",
    "cycles": 4,
    "cycle_len": 5,
    "cycle_mult": 3,
    "decay": 0.5,
    "patience": 9,
    "early_stopping": 4,
    "ema": 0.99,
    "label_smoothing": 0.1,
    "mixup": 0.2,
    "cutmix": 0.3,
    "class_weights": "balanced",
    "clip_norm": 1,
    "drop_last": True,
    "augment": "light",
}
NEEDED: dict[str, dict[str, Any]] = {
    "momentum": {"optimizer": "sgd"},
    "cycles": {"schedule": "sgdr"},
    "cycle_len": {"schedule": "sgdr"},
    "cycle_mult": {"schedule": "sgdr", "cycles": 2},
    "decay": {"schedule": "inverse_time"},
    "patience": {"schedule": "plateau"},
}


@pytest.mark.parametrize("key", sorted(set(Train.model_fields) - {"do"}))
def test_no_value_of_train_is_kept_back(key: str) -> None:
    before = Train.model_validate({"do": "train"} | NEEDED.get(key, {}))
    after = Train.model_validate(before.model_dump() | {key: OTHER[key]})
    assert before.words() != after.words()


@pytest.mark.parametrize("key", ["flip", "rotate", "crop", "zoom", "shift", "shear"])
def test_no_change_of_photos_is_kept_back(key: str) -> None:
    plain = Train(do="train").words()
    varied = Train.model_validate({"do": "train", "augment": {key: 0.5}})
    assert "varied" not in plain
    assert "varied, at most: " in varied.words()


@pytest.mark.parametrize(("sweeps", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_how_often_the_rate_is_swept(sweeps: int, words: str) -> None:
    told = FindRate(do="find_rate", sweeps=sweeps).words()
    assert f" steps, {words}, and take the valley " in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"optimizer": "sgd"}, "with SGD (momentum 0.9), "),
        ({"optimizer": "sgd", "weight_decay": 0.01}, "with SGD (momentum 0.9, weight decay 0.01),"),
        ({"optimizer": "sgd", "schedule": "one_cycle"}, "with SGD, "),
        ({"optimizer": "adam"}, "with Adam, "),
        ({"optimizer": "adam", "momentum": 0.5}, "with Adam (momentum 0.5), "),
        ({"optimizer": "adamw", "momentum": 0.8}, "with AdamW (momentum 0.8), "),
        ({"optimizer": "adadelta", "momentum": 0.5}, "with Adadelta, "),
    ],
)
def test_the_momentum_is_told_where_it_is_used(values: dict[str, Any], words: str) -> None:
    """SGD's always, that of Adam (its first beta) where it is not the usual one."""
    assert words in Train.model_validate({"do": "train"} | values).words()


def test_words_of_system_a() -> None:
    lines = dict(explain(read_recipe("a-resnet34-sgdr")))
    assert lines["backbones"] == "resnet34."
    assert lines["3 find_rate"] == (
        "Raise the learning rate from 1e-06 to 1 in 60 steps, 3 times, and take the valley of the "
        "median curve."
    )
    assert lines["4 train"] == (
        "2 epochs with SGD (momentum 0.9), batches of 64. Rate: the one that was found, held "
        "constant."
    )
    assert lines["8 train"].startswith("63 epochs in cycles of 1, 2, 4, 8, 16 and 32 with SGD")
    assert "0.0001, 0.001 and 0.01 from the early blocks to the head" in lines["8 train"]
    assert lines["in all"] == "11 phases, 72 epochs of training."


@pytest.mark.parametrize(
    ("views", "words"),
    [
        ([], "paw; frozen: their pooled features are computed once and kept."),
        (
            ["flip", "crops"],
            "paw; frozen: their pooled features, the mean of the photo, its mirror image and "
            "crops of it, are computed once and kept.",
        ),
    ],
)
def test_views_are_told(views: list[Any], words: str) -> None:
    assert dict(explain(Recipe(views=views)))["backbones"] == words


def test_words_without_phases() -> None:
    lines = dict(explain(Recipe(l2=[0.1, 1], clip=0.005, folds=3, class_weights="balanced")))
    assert (
        lines["photos"] == "3 folds, each answered by a head that trained on the others (seed 0)."
    )
    assert "the best L2 penalty of 0.1 and 1; rare classes count more" in lines["head"]
    assert "within 0.005 and 0.995" in lines["probabilities"]


@pytest.mark.parametrize("name", named_recipes())
def test_every_recipe_has_words_for_each_phase(name: str) -> None:
    recipe = read_recipe(name)
    labels = [label for label, _ in explain(recipe)]
    assert [label for label in labels if label[0].isdigit()] == [
        f"{n} {phase.do}" for n, phase in enumerate(recipe.phases)
    ]


@settings(max_examples=50)
@given(recipes)
def test_every_recipe_can_be_told(recipe: Recipe) -> None:
    assert all(label and words.endswith(".") for label, words in explain(recipe))


def test_numbers_that_other_rooms_use_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second copy of them stands in the words."""
    monkeypatch.setattr(_search, "RUNGS", (7, 2))
    monkeypatch.setattr(_train, "PLATEAU_FACTOR", 0.25)
    monkeypatch.setattr(_rate, "MINIMUM_DIVISOR", 4)
    monkeypatch.setattr(_words, "VALID_PARTS", 5)
    phases = [
        {"do": "fuse"},
        {"do": "find_rate", "rule": "minimum"},
        {"do": "train", "schedule": "plateau"},
    ]
    told = dict(explain(Recipe.parse({"phases": phases}, "here")))
    assert "of the others one in 5 validates" in told["photos"]
    assert "one in 4 of the rate of least loss" in told["1 find_rate"]
    assert "divided by 4 after" in told["2 train"]
    assert "at 7, 14, 28 ... epochs" in Search(do="search", pruner="asha").words()
