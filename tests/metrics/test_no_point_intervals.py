"""No interval is a point, however few or alike the answers are, and rare classes widen it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from pawlens.metrics import (
    Interval,
    compare_models,
    evaluate,
    evaluate_labels,
    paired_difference,
    wilson,
)
from pawlens.metrics._interval import bounded_interval, mean_of_intervals
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
    low, high = map(float, wilson(n if right else 0, n))
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
    assert found["log_loss"].high > 3  # of 5.3 that a wrong answer would have cost
    assert found["brier"].high > 0.7


def test_a_rare_class_counts_by_its_own_photos() -> None:
    y = np.repeat([0, 1], [998, 2])
    found = evaluate(y, sure(y), NAMES, draws=50)["balanced_accuracy"]
    common, rare = (float(wilson(n, n)[0]) for n in (998, 2))
    assert found.low == pytest.approx(1 - np.hypot(1 - common, 1 - rare) / 2)
    assert found.low < 0.7
    some_wrong = sure(np.where(np.arange(1000) < 30, 1, y))
    assert evaluate(y, some_wrong, NAMES, draws=50)["balanced_accuracy"].low < 0.7


def test_a_perfect_ranking_of_few_photos_is_no_certainty() -> None:
    y = np.arange(38) % 2
    found = evaluate(y, sure(y, 0.9), NAMES, draws=50)["roc_auc"]
    assert found.value == found.high == 1
    assert 0.85 < found.low < 0.95
    opposite = evaluate(y, sure(1 - y, 0.9), NAMES, draws=50)["roc_auc"]
    assert opposite.high == pytest.approx(1 - found.low)


def test_auc_interval_solves_the_equation_of_newcombe() -> None:
    area, m, n = 0.9, 12, 30
    one = auc_interval(area, m, n)
    for end in (one.low, one.high):
        between = (1 - end) / (2 - end) + end / (1 + end)
        variance = end * (1 - end) * (1 + ((m + n) / 2 - 1) * between) / (m * n)
        assert abs(area - end) == pytest.approx(1.959964 * np.sqrt(variance), abs=1e-6)
    assert auc_interval(1.0, 1, 1).low < 0.3


def test_the_auc_interval_covers() -> None:
    """Normal scores whose true area is 0.95; 12 photos of either class."""
    seed = 7
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    gap = np.sqrt(2) * 1.6448536
    held = 0
    for _ in range(400):
        ours, others = rng.normal(gap, 1, 12), rng.normal(0, 1, 12)
        one = auc_interval(float((ours[:, None] > others).mean()), 12, 12)
        held += one.low <= 0.95 <= one.high
    assert 0.92 <= held / 400 <= 1


def test_ends_move_out_by_the_share_that_may_be_unseen() -> None:
    share = float(wilson(0, 10)[1])
    one = bounded_interval(0.2, np.full(50, 0.2), 10, least=-1.0, most=3.0)
    assert one.low == pytest.approx(0.2 - share * 1.2)
    assert one.high == pytest.approx(0.2 + share * 2.8)
    drawn = np.linspace(0, 1, 1001)
    told = bounded_interval(0.5, drawn, 6, least=0.0, most=1.0)
    assert (told.low, told.high) == pytest.approx((0.025, 0.975))
    few = bounded_interval(0.5, drawn, 5, least=-9.0, most=9.0)
    assert few.low < told.low < told.high < few.high
    never = bounded_interval(1.0, np.full(5, np.nan), 3, least=0.0, most=1.0)
    assert never.low < 1


def test_independent_intervals_add_up_as_squares() -> None:
    one = mean_of_intervals([Interval(0.9, 0.6, 1.0), Interval(0.5, 0.1, 0.6)])
    assert one.value == pytest.approx(0.7)
    assert one.low == pytest.approx(0.7 - 0.5 / 2)
    assert one.high == pytest.approx(0.7 + np.hypot(0.1, 0.1) / 2)


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
    share = float(wilson(0, 60)[1])
    assert (one.accuracy.low, one.accuracy.high) == pytest.approx((-share, share))
    for metric in ("log_loss", "accuracy"):
        check_none_is_a_point({metric: paired_difference(y, proba, proba, metric=metric)})
