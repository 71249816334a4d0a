"""No interval is a point, however few or alike the answers are, and rare classes widen it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from pawlens.metrics import (
    Interval,
    clopper_pearson,
    compare_models,
    evaluate,
    evaluate_labels,
    paired_difference,
)
from pawlens.metrics._roc_auc import auc_interval

Floats = npt.NDArray[np.float64]
NAMES = ["cat", "dog"]


def sure(y: npt.NDArray[np.int64], p: float = 0.995, k: int = 2) -> Floats:
    """Probabilities that give class `y` so much, and the others the same part of the rest."""
    proba = np.full((len(y), k), (1 - p) / (k - 1))
    proba[np.arange(len(y)), y] = p
    return proba


def check_none_is_a_point(found: Mapping[str, Interval]) -> None:
    for name, one in found.items():
        assert one.low - 1e-12 <= one.value <= one.high + 1e-12, name
        assert one.high - one.low > 1e-4, name


@pytest.mark.parametrize("n", [1, 2, 12, 38])
@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("k", [2, 3])
def test_answers_that_are_all_alike(n: int, right: bool, k: int) -> None:
    y = np.arange(n) % k
    proba = sure(y if right else (y + 1) % k, k=k)
    found = evaluate(y, proba, [f"class {c}" for c in range(k)], draws=50)
    check_none_is_a_point(found)
    low, high = map(float, clopper_pearson(n if right else 0, n))
    assert (found["accuracy"].low, found["accuracy"].high) == pytest.approx((low, high))


def test_a_group_of_copies_is_one_photo() -> None:
    y = np.array([0, 1, 0, 1])
    proba = sure(np.array([0, 0, 0, 0]))
    found = evaluate(y, proba, NAMES, draws=50, groups=np.zeros(4, np.int64))
    check_none_is_a_point(found)
    assert found["accuracy"].low < 0.2
    assert found["accuracy"].high > 0.8


def test_one_photo_says_next_to_nothing() -> None:
    found = evaluate(np.array([1]), sure(np.array([1])), NAMES, draws=50)
    assert found["log_loss"].low <= -np.log(0.995) + 1e-12
    assert found["log_loss"].high > 4  # of 5.3 that a wrong answer would have cost
    assert found["brier"].high > 0.9


def test_a_rare_class_counts_by_its_own_photos() -> None:
    y = np.repeat([0, 1], [998, 2])
    found = evaluate(y, sure(y), NAMES)["balanced_accuracy"]
    common, rare = (float(clopper_pearson(n, n)[0]) for n in (998, 2))
    assert found.low == pytest.approx(1 - np.hypot(1 - common, 1 - rare) / 2, abs=0.01)
    assert found.low < 0.7
    some_wrong = sure(np.where(np.arange(1000) < 30, 1, y))
    assert evaluate(y, some_wrong, NAMES, draws=50)["balanced_accuracy"].low < 0.7


def test_a_perfect_ranking_of_few_photos_is_no_certainty() -> None:
    y = np.arange(38) % 2
    found = evaluate(y, sure(y, 0.9), NAMES)["roc_auc"]
    assert found.value == found.high == 1
    assert found.low == pytest.approx(float(clopper_pearson(19, 19)[0]), abs=0.005)
    opposite = evaluate(y, sure(1 - y, 0.9), NAMES)["roc_auc"]
    assert opposite.high == pytest.approx(1 - found.low)


def test_without_the_imagined_photo_the_area_has_the_interval_of_delong() -> None:
    one = auc_interval(0.9, 0.02, 1e9)
    assert (one.low, one.high) == pytest.approx((0.9 - 0.0392, 0.9 + 0.0392), abs=1e-3)
    assert auc_interval(0.9, 0.02, 10).low < one.low - 0.1


def test_the_auc_interval_covers() -> None:
    """Normal scores whose true area is 0.95; 12 photos of either class."""
    seed = 7
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    y = np.arange(24) % 2
    held = 0
    for _ in range(300):
        likely = 1 / (1 + np.exp(-rng.normal(size=24) - np.sqrt(2) * 1.6448536 * y))
        proba = np.column_stack([1 - likely, likely])
        one = evaluate(y, proba, NAMES, metrics=["roc_auc"], draws=100)["roc_auc"]
        held += one.low <= 0.95 <= one.high
    assert held / 300 >= 0.94


@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("right", [True, False])
def test_several_labels_that_are_all_alike(n: int, right: bool) -> None:
    targets = np.column_stack([np.arange(n) % 2 == 0, np.arange(n) % 3 > 0, np.zeros(n, bool)])
    answers = targets if right else ~targets
    proba = np.where(answers, 0.99, 0.01)
    found = evaluate_labels(targets, proba, answers, ["cat", "dog", "owl"], draws=50)
    check_none_is_a_point(found.overall)
    for metrics in found.by_label.values():
        check_none_is_a_point(metrics)


def test_a_label_on_no_photo_leaves_macro_f1_its_certainty() -> None:
    carried = np.arange(400) % 2 == 0
    targets = np.column_stack([carried, ~carried, np.zeros(400, bool)])
    found = evaluate_labels(
        targets, np.where(targets, 0.99, 0.01), targets, ["a", "b", "c"], draws=50
    )
    assert found.overall["macro_f1"].low > 0.98


def test_the_same_answers_may_differ_on_other_photos() -> None:
    y = np.arange(60) % 2
    proba = sure(y)
    (one,) = compare_models(y, [proba, proba])
    check_none_is_a_point({"log_loss": one.log_loss, "accuracy": one.accuracy})
    share = float(clopper_pearson(0, 60)[1])
    assert (one.accuracy.low, one.accuracy.high) == pytest.approx((-share, share), abs=1e-3)
    for metric in ("log_loss", "accuracy"):
        check_none_is_a_point({metric: paired_difference(y, proba, proba, metric=metric)})
