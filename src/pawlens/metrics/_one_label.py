"""Losses and confusions of single photos, and how much two models differ on the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ._answers import check_probabilities
from ._interval import Floats, Interval, Ints, bounded_interval, clopper_pearson
from ._resampling import Units, resampled_sums

__all__ = [
    "Shares",
    "class_accuracy",
    "confusion",
    "confusion_shares",
    "gap_range",
    "loss_gap_range",
    "loss_range",
    "mean_interval",
    "paired_difference",
    "photo_losses",
]

_LARGEST = 7  # gaps
_EPS = float(np.finfo(np.float64).eps)


def paired_difference(
    y: Ints,
    proba_a: Floats,
    proba_b: Floats,
    *,
    metric: Literal["log_loss", "accuracy"] = "log_loss",
    draws: int = 1000,
    seed: int = 0,
    groups: Ints | None = None,
) -> Interval:
    """Measure how much two models differ on the same photos: metric of A less metric of B.

    Pairing removes what both find hard, so that far smaller differences show than from two
    separate intervals. When the interval excludes 0 the difference is real at 95 %.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba_a, proba_b : ndarray of float64, shape (n, K)
        Probabilities from both models.
    metric : {"log_loss", "accuracy"}
        Metric to compare. A is better where its log loss is lower (a negative difference), or its
        accuracy higher (a positive one).
    draws, seed, groups
        Parameters of the bootstrap; see `evaluate`.

    Raises
    ------
    UsageError
        The arrays do not fit each other or are not probabilities.
    """
    for proba in (proba_a, proba_b):
        check_probabilities(y, proba, proba_a.shape[1])
    if metric == "log_loss":
        gain = photo_losses(y, proba_a) - photo_losses(y, proba_b)
        least, most = loss_gap_range(y, proba_a, proba_b, groups)
    else:
        hits = [(proba.argmax(axis=1) == y).astype(np.float64) for proba in (proba_a, proba_b)]
        gain, least, most = hits[0] - hits[1], -1.0, 1.0
    return mean_interval(gain, least=least, most=most, draws=draws, seed=seed, groups=groups)


def mean_interval(
    values: Floats,
    *,
    least: float,
    most: float,
    draws: int = 1000,
    seed: int = 0,
    groups: Ints | None = None,
) -> Interval:
    """Average a value of each photo, with its bootstrap interval; see `bounded_interval`.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Value of each photo.
    least, most : float
        Bounds of the value of a photo.
    draws, seed, groups
        Parameters of the bootstrap; see `evaluate`.
    """
    pairs = np.column_stack([values, np.ones(len(values))])
    sums = resampled_sums(pairs, draws=draws, seed=seed, groups=groups)
    units = Units(groups).count(np.ones(len(values), bool))
    drawn = sums[:, 0] / sums[:, 1]
    return bounded_interval(float(values.mean()), drawn, units, least=least, most=most)


def loss_range(proba: Floats) -> tuple[float, float]:
    """Tell the mean log loss if all photos had the likeliest, or the unlikeliest label.

    An error that was not seen strikes a photo like those at hand. The largest loss of any photo,
    which the surest answer of all sets, is twice that, and is not met in practice.
    """
    least, most = (photo_losses(y, proba).mean() for y in (proba.argmax(1), proba.argmin(1)))
    return float(least), float(most)


def loss_gap_range(
    y: Ints, proba_a: Floats, proba_b: Floats, groups: Ints | None = None
) -> tuple[float, float]:
    """Tell how much more, and less, another photo may cost model A than model B.

    As much as any photo at hand, in either direction, and at least the root mean square of the gaps
    if each photo had the label that is worst, or best, for A. Where the seven largest gaps all
    favour one model, which equal models have once in 64 times, no gap as large is imagined in
    favour of the other one. Where both gave the same probabilities throughout, nothing tells how
    far they may differ, and it may be as far as `loss_range` allows.
    """
    odds = np.clip(proba_a, _EPS, 1) / np.clip(proba_b, _EPS, 1)
    seen, worst, best = (
        photo_losses(labels, proba_a) - photo_losses(labels, proba_b)
        for labels in (y, odds.argmin(1), odds.argmax(1))
    )
    return gap_range(seen, best, worst, (loss_range(proba_a), loss_range(proba_b)), groups)


def gap_range(
    seen: Floats,
    best: Floats,
    worst: Floats,
    ranges: tuple[tuple[float, float], tuple[float, float]],
    groups: Ints | None = None,
) -> tuple[float, float]:
    """Tell how far the gap of a photo that was not seen may reach down and up.

    Parameters
    ----------
    seen, best, worst : ndarray of float64, shape (n,)
        Gap of each photo: with its own label, with the best label for A, and with the worst.
    ranges : two pairs of float
        `loss_range` of both models.
    groups : ndarray of int64, shape (n,), optional
        Photos that share a number are one piece of evidence.
    """
    if not (worst > best).any():
        (low_a, high_a), (low_b, high_b) = ranges
        return low_a - high_b, high_a - low_b
    most, sign = float(np.abs(seen).max()), _sign_of_the_largest(seen, groups)
    low, high = (float(np.sqrt(np.mean(gaps**2))) for gaps in (best, worst))
    least = float(seen.min()) if sign > 0 else -most
    largest = float(seen.max()) if sign < 0 else most
    return min(-low, least), max(high, largest)


def _sign_of_the_largest(seen: Floats, groups: Ints | None) -> int:
    """Return the sign that the largest gaps of photos or groups share, 0 where they differ."""
    if groups is not None:
        _, member = np.unique(groups, return_inverse=True)
        seen = np.bincount(member, seen).astype(np.float64)
    signs = np.sign(seen[np.argsort(-np.abs(seen), kind="stable")[:_LARGEST]])
    return int(signs[0]) if len(signs) == _LARGEST and (signs == signs[0]).all() else 0


def photo_losses(y: Ints, proba: Floats) -> Floats:
    """Compute the log loss of each photo: -ln P(true class), P kept off 0 and 1 by 2.2e-16."""
    return -np.log(np.clip(proba[np.arange(len(y)), y], _EPS, 1 - _EPS))


def confusion(y: Ints, proba: Floats) -> Ints:
    """Count photos by true class (row) and predicted class (column), int64 (K, K)."""
    k = proba.shape[1]
    check_probabilities(y, proba, k)
    return np.bincount(y * k + proba.argmax(axis=1), minlength=k * k).reshape(k, k)


@dataclass(frozen=True)
class Shares:
    """The cells of a confusion matrix as shares of their true class.

    Attributes
    ----------
    value, low, high : ndarray of float64, shape (K, K)
        Share of row i's photos that were called j, with the ends of its 95 % interval.
    """

    value: Floats
    low: Floats
    high: Floats


def confusion_shares(y: Ints, proba: Floats, *, groups: Ints | None = None) -> Shares:
    """Compute shares of the true class with the exact 95 % interval of every cell.

    Photos of a group count as one piece of evidence; see `Units.count`.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
    groups : ndarray of int64, shape (n,), optional
    """
    counts = confusion(y, proba)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    units = np.array([[Units(groups).count(y == c)] for c in range(len(counts))])
    return Shares(share, *clopper_pearson(share * units, units))


def class_accuracy(
    y: Ints, proba: Floats, classes: Sequence[str], *, groups: Ints | None = None
) -> dict[str, Interval]:
    """Compute the recall of each class, the share of its photos answered right.

    The intervals are those of `confusion_shares`. Classes without a photo are left out.
    """
    counts = confusion(y, proba)
    shares = confusion_shares(y, proba, groups=groups)
    return {
        name: Interval(*(float(part[i, i]) for part in (shares.value, shares.low, shares.high)))
        for i, name in enumerate(classes)
        if counts[i].any()
    }
