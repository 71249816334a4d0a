"""Tests of whether models differ, paired on the same photos, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from ..errors import UsageError
from ._interval import (
    Floats,
    Interval,
    Ints,
    bounded_interval,
    pessimistic_and_optimistic,
    widest,
)
from ._one_label import loss_gap_range, photo_losses
from ._resampling import Units, resampled_sums

__all__ = ["Difference", "Verdict", "compare_models", "holm", "mcnemar", "verdict_of"]

_LEVEL = 0.05

Verdict = Literal["better", "worse", "no real difference"]
"""The verdict on one thing compared with another; no other words are used for it."""


@dataclass(frozen=True)
class Difference:
    """The metrics of a model less those of another one, on the same photos.

    Attributes
    ----------
    model, against : int
        Numbers of the two models.
    log_loss, accuracy : Interval
        Metric of `model` less that of `against`, with a 95 % interval for the luck of the photos
        and, where there are folds, of the training. Below 0 the log loss of `model` is better,
        above 0 its accuracy.
    p_log_loss, p_accuracy : float
        P values of the paired bootstrap or the folds, whichever is larger, and of McNemar's exact
        test; corrected by Holm's method. On five different photos or fewer none is below 0.05.
    only_model, only_against : int
        Photos that only one of them answered right; near-duplicates count once.
    tests : int
        Number of comparisons that the correction allows for.
    """

    model: int
    against: int
    log_loss: Interval
    accuracy: Interval
    p_log_loss: float
    p_accuracy: float
    only_model: int
    only_against: int
    tests: int

    @property
    def verdict(self) -> Verdict:
        """The verdict of log loss on `model`: real if the corrected p value is below 0.05."""
        return _verdict(self.p_log_loss, self.log_loss.value)

    @property
    def accuracy_verdict(self) -> Verdict:
        """The verdict of accuracy on `model`, by McNemar's test."""
        return _verdict(self.p_accuracy, -self.accuracy.value)

    def to_json(self, names: Sequence[str]) -> dict[str, Any]:
        """Return plain values, with the models' names in place of their numbers."""
        return asdict(self) | {
            "model": names[self.model],
            "against": names[self.against],
            "verdict": self.verdict,
            "accuracy_verdict": self.accuracy_verdict,
        }


def compare_models(
    y: Ints,
    proba: Sequence[Floats] | Floats,
    *,
    against: int | None = None,
    draws: int = 5000,
    seed: int = 0,
    groups: Ints | None = None,
    folds: Ints | None = None,
) -> list[Difference]:
    """Compare every model with one of them.

    A bootstrap over photos takes the trained models as given: of two trainings of the same kind on
    few photos, one is better for real, and the other would be next time. What a method does is told
    by the folds, each of which was answered by another training (the k-fold paired t test,
    Dietterich 1998). A difference has to be larger than both kinds of luck.

    All pairs are measured on the same bootstrap samples. The p values of a measure are corrected
    together (Holm 1979): over the comparisons with `against` if that was named beforehand, else
    over all pairs, since picking the best model of several has looked at all of them.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (R, n, K)
        Probabilities from R models, two or more.
    against : int, optional
        The model that the others are compared with; the one of least log loss if None.
    draws, seed : int
        Bootstrap samples and their random seed. The smallest p value is 2 in so many, or
        2 ** (1 - u) of u photos (near-duplicates count once) where that is more.
    groups : ndarray of int64, shape (n,), optional
        Near-duplicates share a number and are resampled together.
    folds : ndarray of int64, shape (R, n), optional
        Fold of each photo in each model; a model with a single fold tells nothing of the luck of
        training.

    Returns
    -------
    list of Difference
        A difference for each other model, in their order.

    Raises
    ------
    UsageError
        There are fewer than two models.
    """
    if len(proba) < 2:
        raise UsageError(f"{len(proba)} model to compare; give two or more")
    groups = np.arange(len(y)) if groups is None else groups
    losses = np.array([photo_losses(y, one) for one in proba])
    right = np.array([one.argmax(axis=1) == y for one in proba], np.float64)
    best = int(losses.mean(axis=1).argmin()) if against is None else against
    pairs = [(b, a) if a == best else (a, b) for a, b in combinations(range(len(proba)), 2)]
    if against is not None:
        pairs = [pair for pair in pairs if pair[1] == best]
    columns = [values[a] - values[b] for a, b in pairs for values in (losses, right)]
    sums = resampled_sums(
        np.column_stack([*columns, np.ones(len(y))]), draws=draws, seed=seed, groups=groups
    )
    means = sums[:, :-1] / sums[:, -1:]
    spreads = [
        _Spread.over(column, () if folds is None else [folds[a], folds[b]])
        for column, (a, b) in zip(columns, [pair for pair in pairs for _ in range(2)], strict=True)
    ]
    units = Units(groups).count(np.ones(len(y), bool))
    bounds = [
        ends
        for a, b in pairs
        for ends in (loss_gap_range(y, proba[a], proba[b], groups), (-1.0, 1.0))
    ]
    gaps = [
        _interval(column, draw, units, ends, spread)
        for column, draw, ends, spread in zip(columns, means.T, bounds, spreads, strict=True)
    ]
    tests = [mcnemar(right[a] - right[b], groups) for a, b in pairs]
    p_loss = holm(
        [
            max(_two_sided(means[:, i], units, bounds[i]), spreads[i].p)
            for i in range(0, len(gaps), 2)
        ]
    )
    p_right = holm([p for _, _, p in tests])
    return [
        Difference(
            *pair,
            gaps[2 * i],
            gaps[2 * i + 1],
            float(p_loss[i]),
            float(p_right[i]),
            tests[i][0],
            tests[i][1],
            len(pairs),
        )
        for i, pair in enumerate(pairs)
        if pair[1] == best
    ]


@dataclass(frozen=True)
class _Spread:
    """The distance by which the mean over folds may be off, and the p value of its being 0."""

    half_width: float
    p: float

    @classmethod
    def over(cls, gain: Floats, folds: Sequence[Ints]) -> _Spread:
        """Compute the spread over the folds among which the difference is least certain."""
        from scipy.stats import t

        found = [cls(0.0, 0.0)]
        for fold in folds:
            _, number = np.unique(fold, return_inverse=True)
            means = np.bincount(number, gain) / np.bincount(number)
            free = len(means) - 1
            error = means.std(ddof=1) / np.sqrt(len(means)) if free else 0.0
            if error > 0:
                ratio = abs(float(means.mean())) / error
                found.append(cls(float(t.ppf(0.975, free) * error), float(2 * t.sf(ratio, free))))
        return max(found, key=lambda one: one.p)


def _interval(
    gain: Floats, draws: Floats, units: float, ends: tuple[float, float], spread: _Spread
) -> Interval:
    """Join the intervals of photos and of folds; a photo's gain lies between `ends`."""
    value = float(gain.mean())
    drawn = bounded_interval(value, draws, units, least=ends[0], most=ends[1])
    return widest(drawn, Interval(value, value - spread.half_width, value + spread.half_width))


def verdict_of(difference: Interval, *, more_is_better: bool = False) -> Verdict:
    """Tell what the interval of a single difference says, where nothing else was compared.

    Parameters
    ----------
    difference : Interval
        One thing less another one, on the same photos.
    more_is_better : bool
        Whether the measure is one of success, such as accuracy, and not a loss.
    """
    if difference.low <= 0 <= difference.high:
        return "no real difference"
    return "better" if (difference.low > 0) == more_is_better else "worse"


def mcnemar(gain: Floats, groups: Ints) -> tuple[int, int, float]:
    """Test whether a model is right more often by more than luck (McNemar 1947, exact).

    Parameters
    ----------
    gain : ndarray of float64, shape (n,)
        Gain of each photo: 1 where only the first model is right, -1 where only the second is,
        else 0.
    groups : ndarray of int64, shape (n,)
        Near-duplicates, which share a number, count as one photo.

    Returns
    -------
    first, second : int
        Photos that only the first, only the second answered right.
    p : float
        Two-sided p value, by the binomial distribution.
    """
    from scipy.stats import binomtest

    _, member = np.unique(groups, return_inverse=True)
    net = np.bincount(member, gain)
    first, second = int((net > 0).sum()), int((net < 0).sum())
    if first + second == 0:
        return 0, 0, 1.0
    return first, second, float(binomtest(first, first + second).pvalue)


def holm(p: Sequence[float]) -> Floats:
    """Correct several p values for their number (Holm 1979), float64 (m,), in their order.

    The chance that any true null hypothesis is rejected stays below the level, whatever the tests
    have to do with each other.
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    steps = values[order] * (len(values) - np.arange(len(values)))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def _two_sided(draws: Floats, units: float, ends: tuple[float, float]) -> float:
    """Find the least level at which the interval of a photo's gain between `ends` excludes 0.

    Equal models favour the same one on all of so many units once in 2 ** (units - 1) times: no p
    value is below that.
    """
    low, high = pessimistic_and_optimistic(draws, units, least=ends[0], most=ends[1])
    against = min(int((low <= 0).sum()), int((high >= 0).sum()))
    return min(1.0, max(2 * (1 + against) / (1 + len(draws)), float(2.0 ** (1 - units))))


def _verdict(p: float, excess: float) -> Verdict:
    if p >= _LEVEL:
        return "no real difference"
    return "worse" if excess > 0 else "better"
