"""Differences that are there are found, those that are luck are not, and copies count once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pawlens.errors import UsageError
from pawlens.metrics import Interval, compare_models, verdict_of
from pawlens.metrics._one_label import gap_range
from pawlens.metrics._significance import holm, mcnemar

from ..written_runs import answers


def models(seed: int, skills: list[float], n: int = 300) -> tuple[npt.NDArray[np.int64], list]:  # type: ignore[type-arg]
    """Truth and answers of models that find mostly the same photos hard."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    shared = rng.normal(size=n)
    return y, [answers(y, skill, shared + 0.5 * rng.normal(size=n)) for skill in skills]


def test_two_equal_models_are_called_different_about_once_in_twenty_times() -> None:
    loss, right = 0, 0
    for seed in range(100):
        (one,) = compare_models(*models(seed, [2.0, 2.0]), draws=500)
        loss += one.verdict != "no real difference"
        right += one.accuracy_verdict != "no real difference"
    assert loss <= 10  # 99 of 100 such series, at 5 %
    assert right <= 10


def test_picking_the_best_of_five_equal_models_does_not_make_it_better() -> None:
    wrong = 0
    for seed in range(40):
        found = compare_models(*models(seed, [2.0] * 5), draws=500)
        assert [one.tests for one in found] == [10] * 4
        wrong += any(one.verdict != "no real difference" for one in found)
    assert wrong <= 5


def test_a_planted_difference_is_found_and_points_the_right_way() -> None:
    y, proba = models(0, [1.2, 2.5], n=1000)
    (one,) = compare_models(y, proba)
    assert (one.model, one.against) == (0, 1)
    assert (one.verdict, one.accuracy_verdict) == ("worse", "worse")
    assert one.log_loss.low > 0 > one.accuracy.high
    assert one.only_model < one.only_against
    (turned,) = compare_models(y, proba, against=0)
    assert turned.verdict == "better"
    assert turned.log_loss.value == -one.log_loss.value


def test_a_named_reference_is_corrected_for_its_own_comparisons_only() -> None:
    y, proba = models(1, [2.0, 2.0, 2.1])
    found = compare_models(y, proba, against=1)
    assert [(one.model, one.against, one.tests) for one in found] == [(0, 1, 2), (2, 1, 2)]


def test_the_luck_of_a_training_is_no_difference() -> None:
    y, (proba,) = models(5, [2.0], n=1000)
    fold = np.arange(1000) % 5
    unsure = np.array([0.3, 0.0, 0.0, 0.02, 0.0])[fold][:, None]  # one of five trainings failed
    other = (1 - unsure) * proba + unsure / 2
    (blind,) = compare_models(y, [proba, other])
    (one,) = compare_models(y, [proba, other], folds=np.array([fold, fold]))
    assert blind.verdict != "no real difference"
    assert one.verdict == "no real difference"
    assert one.log_loss.low < 0 < one.log_loss.high
    assert one.log_loss.value == blind.log_loss.value


def test_copies_of_a_photo_are_one_piece_of_evidence() -> None:
    y, proba = models(2, [1.9, 2.0], n=60)
    many = np.tile(np.arange(60), 20)
    (alone,) = compare_models(y, proba)
    (copied,) = compare_models(y[many], [one[many] for one in proba], groups=many)
    assert copied.p_log_loss == pytest.approx(alone.p_log_loss, rel=1e-6)
    assert (copied.only_model, copied.only_against) == (alone.only_model, alone.only_against)
    (believed,) = compare_models(y[many], [one[many] for one in proba])
    assert believed.p_log_loss < alone.p_log_loss


@pytest.mark.parametrize(("n", "verdict"), [(1, "no real difference"), (5, "no real difference")])
def test_a_few_photos_prove_nothing(n: int, verdict: str) -> None:
    y = np.zeros(n, np.int64)
    proba = [np.tile([p, 1 - p], (n, 1)) for p in (0.9, 0.6)]
    (one,) = compare_models(y, proba, against=1)
    assert one.p_log_loss >= 2 ** (1 - n)
    assert one.verdict == verdict
    twice = np.repeat(np.arange(n), 2)
    (copied,) = compare_models(y[twice], [each[twice] for each in proba], groups=twice, against=1)
    assert copied.p_log_loss == one.p_log_loss


def test_equal_models_are_rarely_told_apart_where_errors_are_rare() -> None:
    """Each of two models errs, at random, on one photo in fifty: a bootstrap tells them apart."""
    rng, apart = np.random.default_rng(0), 0
    for _ in range(300):
        y = rng.integers(0, 2, 60)
        wrong = rng.random((2, 60)) < 0.02
        proba = np.where((y ^ wrong)[..., None], [0.02, 0.98], [0.98, 0.02])
        proba = np.clip(proba + rng.normal(0, 0.004, (2, 60, 1)) * [1, -1], 1e-3, 1 - 1e-3)
        apart += compare_models(y, list(proba), draws=400)[0].verdict != "no real difference"
    assert apart / 300 <= 0.06


def test_a_model_that_is_worse_on_nearly_all_photos_is_told_apart() -> None:
    """One photo costs it so much that a gap of that size the other way would hide the rest."""
    rng, worse = np.random.default_rng(0), 0
    for _ in range(60):
        y = rng.integers(0, 2, 60)
        good = np.clip(0.94 + rng.normal(0, 0.02, 60), 0.8, 0.99)
        bad = np.clip(0.72 + rng.normal(0, 0.12, 60), 0.3, 0.95)
        bad[0] = 0.001
        pairs = (np.where(y[:, None] == [0, 1], p[:, None], 1 - p[:, None]) for p in (good, bad))
        worse += compare_models(y, list(pairs), draws=400)[0].verdict == "worse"
    assert worse >= 50


def test_copies_do_not_make_the_largest_gaps_many() -> None:
    seen = np.array([3.0] * 7 + [0.1, -0.1] * 20)
    best, worst = np.full(len(seen), -0.2), np.full(len(seen), 0.2)
    ranges = ((0.0, 1.0), (0.0, 1.0))
    assert np.allclose(gap_range(seen, best, worst, ranges), (-0.2, 3.0))
    assert np.allclose(gap_range(-seen, best, worst, ranges), (-3.0, 0.2))
    copies = np.maximum(np.arange(len(seen)), 6)
    assert gap_range(seen, best, worst, ranges, copies) == (-3.0, 3.0)
    assert gap_range(seen[:6], best[:6], worst[:6], ranges) == (-3.0, 3.0)


def test_the_same_answers_do_not_differ() -> None:
    y, (proba,) = models(3, [2.0])
    (one,) = compare_models(y, [proba, proba])
    assert (one.p_log_loss, one.p_accuracy, one.log_loss.value) == (1.0, 1.0, 0.0)


def test_mcnemar_is_the_exact_binomial_test() -> None:
    gain = np.array([1.0] * 10 + [-1.0] * 2 + [0.0] * 50)
    first, second, p = mcnemar(gain, np.arange(len(gain)))
    assert (first, second) == (10, 2)
    assert p == pytest.approx(0.03857421875)


def test_models_that_are_right_on_the_same_photos_are_not_told_apart() -> None:
    assert mcnemar(np.zeros(30), np.arange(30)) == (0, 0, 1.0)
    assert mcnemar(np.array([1.0, -1.0]), np.array([3, 3])) == (0, 0, 1.0)  # of one group


def test_holm_is_that_of_the_paper() -> None:
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1.0, 1.0])


def test_one_model_is_no_comparison() -> None:
    y, proba = models(4, [2.0])
    with pytest.raises(UsageError, match="give two or more"):
        compare_models(y, proba)


@pytest.mark.parametrize(
    ("low", "high", "loss", "accuracy"),
    [
        (-0.3, -0.1, "better", "worse"),
        (0.1, 0.3, "worse", "better"),
        (-0.1, 0.1, "no real difference", "no real difference"),
        (0.0, 0.1, "no real difference", "no real difference"),
    ],
)
def test_the_verdict_on_one_difference(low: float, high: float, loss: str, accuracy: str) -> None:
    gap = Interval((low + high) / 2, low, high)
    assert verdict_of(gap) == loss
    assert verdict_of(gap, more_is_better=True) == accuracy
