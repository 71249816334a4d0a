"""Metrics of a classifier, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ._interval import (
    Floats,
    Interval,
    Ints,
    Units,
    bounded_interval,
    mean_of_intervals,
    resampled_sums,
    tell_little,
    widest,
    wilson,
)
from ._roc_auc import mean_auc, rank_photos

__all__ = [
    "CALIBRATION_BINS",
    "Shares",
    "class_accuracy",
    "confusion",
    "confusion_shares",
    "evaluate",
    "loss_range",
    "mean_interval",
    "paired_difference",
    "photo_losses",
]

CALIBRATION_BINS = 15
_EPS = float(np.finfo(np.float64).eps)


def evaluate(
    y: Ints,
    proba: Floats,
    classes: Sequence[str],
    *,
    draws: int = 1000,
    seed: int = 0,
    groups: Ints | None = None,
) -> dict[str, Interval]:
    """Metrics of probabilities against labels.

    The interval is the 95 % percentile interval of a bootstrap over photos, or over groups
    of near-duplicates (Efron 1979). The calibration error, which noise can only raise, has its
    draws shifted so that their mean is the value; the ROC AUC is resampled through its influence
    on each photo (DeLong et al. 1988).

    No interval is a point. Where draws are alike or photos few, a metric that is a mean over
    photos allows for photos unlike any that was seen (`bounded_interval`: Wilson 1927); a loss of
    such a photo is at most the largest that the given probabilities could have cost. Where a class
    has all or none of its answers right, or few photos, the balanced accuracy is joined out of
    Wilson's intervals of the classes, and where a class is ranked without an error, or has few
    photos, the ROC AUC out of Newcombe's (2006), both by `mean_of_intervals` (Zou and Donner 2008).

    Parameters
    ----------
    y : int64 array, shape [n]
        True class of each photo.
    proba : float64 array, shape [n, K]
        Probabilities; rows sum to 1.
    classes : sequence of str, length K
        Class names; they set K, so that a class without a photo still counts as one.
    draws, seed : int
        Bootstrap samples and their random seed.
    groups : int64 array, shape [n], optional
        Photos with equal numbers are resampled together.

    Returns
    -------
    dict of str to Interval
        ``log_loss`` (natural logarithm), ``accuracy``, ``balanced_accuracy`` (mean recall of
        the classes that occur), ``brier`` (two classes: of the last class, 0..1; more: summed
        over classes, 0..2), ``calibration_error`` (expected calibration error of the top
        class, Guo et al. 2017, in 15 bins of equal mass, Nixon et al. 2019: the mean over
        photos of |accuracy - mean confidence| of the photo's bin; equal confidences share a
        bin) and ``roc_auc`` (two classes: of the last class; more: the mean of one against
        the rest). ``roc_auc`` is left out when all photos are of one class.

    Raises
    ------
    UsageError
        When the arrays do not fit each other or are not probabilities.
    """
    k = len(classes)
    _check(y, proba, k)
    right = proba.argmax(axis=1) == y
    confidence = proba.max(axis=1)
    edges = np.quantile(confidence, np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1])
    bins = np.searchsorted(np.unique(edges), confidence)
    ranks = rank_photos(y, proba)

    # What each photo adds to each sum: sparse, with six values a photo.
    columns = _sparse(
        3 + 2 * k + CALIBRATION_BINS,
        (0, photo_losses(y, proba)),
        (1, _briers(y, proba)),
        (2, ranks.influence),
        (3 + y, np.ones(len(y))),
        (3 + k + y, right),
        (3 + 2 * k + bins, right - confidence),
    )
    values = {
        name: float(v[0]) for name, v in _of_sums(columns.sum(axis=0)[None], k, ranks.mean).items()
    }
    samples = _of_sums(
        resampled_sums(columns, draws=draws, seed=seed, groups=groups), k, ranks.mean
    )
    units = Units(groups)
    bounds = _bounds(proba)
    found = {
        name: bounded_interval(
            value, _centred(name, value, samples[name]), units.count(y >= 0), **bounds[name]
        )
        for name, value in values.items()
        if name in bounds
    }
    found["balanced_accuracy"] = _balanced(y, right, samples["balanced_accuracy"], units)
    if ranks.areas:
        found["roc_auc"] = mean_auc(y, ranks, samples["roc_auc"], units)
    return {name: found[name] for name in values if name in found}


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
    """How much two models differ on the same photos: metric of A less metric of B.

    Pairing removes what both find hard, so that far smaller differences show than from two
    separate intervals. When the interval excludes 0 the difference is real at 95 %.

    Parameters
    ----------
    y : int64 array, shape [n]
    proba_a, proba_b : float64 arrays, shape [n, K]
    metric : {"log_loss", "accuracy"}
        Log loss: negative means that A is better. Accuracy: positive does.
    draws, seed, groups
        As in `evaluate`.

    Raises
    ------
    UsageError
        When the arrays do not fit each other or are not probabilities.
    """
    for proba in (proba_a, proba_b):
        _check(y, proba, proba_a.shape[1])
    if metric == "log_loss":
        gain = photo_losses(y, proba_a) - photo_losses(y, proba_b)
        (best_a, worst_a), (best_b, worst_b) = loss_range(proba_a), loss_range(proba_b)
        least, most = best_a - worst_b, worst_a - best_b
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
    """Mean of a value of each photo with its bootstrap interval; see `bounded_interval`.

    Parameters
    ----------
    values : float64 array, shape [n]
    least, most : float
        Between which the value of a photo lies.
    draws, seed, groups
        As in `evaluate`.
    """
    pairs = np.column_stack([values, np.ones(len(values))])
    sums = resampled_sums(pairs, draws=draws, seed=seed, groups=groups)
    units = Units(groups).count(np.ones(len(values), bool))
    drawn = sums[:, 0] / sums[:, 1]
    return bounded_interval(float(values.mean()), drawn, units, least=least, most=most)


def loss_range(proba: Floats) -> tuple[float, float]:
    """The least and the largest log loss that any label of a photo could have given, [n, K]."""
    likely, unlikely = (np.clip(p, _EPS, 1 - _EPS) for p in (proba.max(axis=1), proba.min(axis=1)))
    return float(-np.log(likely.max())), float(-np.log(unlikely.min()))


def photo_losses(y: Ints, proba: Floats) -> Floats:
    """Log loss of each photo: -ln P(true class), P kept off 0 and 1 by 2.2e-16."""
    return -np.log(np.clip(proba[np.arange(len(y)), y], _EPS, 1 - _EPS))


def confusion(y: Ints, proba: Floats) -> Ints:
    """Counts ``[true class, predicted class]``, int64 ``[K, K]``."""
    k = proba.shape[1]
    _check(y, proba, k)
    return np.bincount(y * k + proba.argmax(axis=1), minlength=k * k).reshape(k, k)


@dataclass(frozen=True)
class Shares:
    """Cells of a confusion matrix as shares of their true class.

    Attributes
    ----------
    value, low, high : float64 arrays, shape [K, K]
        Share of row i's photos that were called j, with the ends of its 95 % interval.
    """

    value: Floats
    low: Floats
    high: Floats


def confusion_shares(counts: npt.NDArray[np.int64]) -> Shares:
    """Shares of the true class with Wilson's 95 % interval for every cell.

    Wilson's interval and not the bootstrap's, since most cells hold few photos or none: a
    confusion that was not seen in 30 photos may still happen in 1 of 9. Every photo counts as
    its own piece of evidence here; near-duplicates make these intervals too narrow.
    """
    trials = counts.sum(axis=1, keepdims=True)
    low, high = wilson(counts, trials)
    return Shares(counts / np.maximum(trials, 1), low, high)


def class_accuracy(y: Ints, proba: Floats, classes: Sequence[str]) -> dict[str, Interval]:
    """Share of each class's photos that were answered right (recall), Wilson's interval.

    Classes without a photo are left out.
    """
    counts = confusion(y, proba)
    shares = confusion_shares(counts)
    return {
        name: Interval(*(float(part[i, i]) for part in (shares.value, shares.low, shares.high)))
        for i, name in enumerate(classes)
        if counts[i].any()
    }


def _check(y: Ints, proba: Floats, k: int) -> None:
    if proba.ndim != 2 or proba.shape != (len(y), k) or len(y) == 0:
        raise UsageError(
            f"probabilities have shape {proba.shape}, expected ({len(y)}, {k}) "
            "with at least one photo: pass one row per label and one column per class"
        )
    if k < 2 or y.min() < 0 or y.max() >= k:
        raise UsageError(f"labels must be 0..{k - 1} of at least 2 classes: map them by class name")
    if not (proba.min() >= 0 and np.abs(proba.sum(axis=1) - 1).max() < 1e-4):
        raise UsageError("rows of probabilities must be 0 or more and sum to 1: apply softmax")


def _of_sums(sums: Floats, k: int, auc: float) -> dict[str, Floats]:
    """Metrics of [draws, m] column sums, in the order in which `evaluate` lays them out."""
    counts, hits = sums[:, 3 : 3 + k], sums[:, 3 + k : 3 + 2 * k]
    n = counts.sum(axis=1)
    recall = np.divide(hits, counts, out=np.zeros_like(hits), where=counts > 0)
    return {
        "log_loss": sums[:, 0] / n,
        "accuracy": hits.sum(axis=1) / n,
        "balanced_accuracy": recall.sum(axis=1) / (counts > 0).sum(axis=1),
        "brier": sums[:, 1] / n,
        "calibration_error": np.abs(sums[:, 3 + 2 * k :]).sum(axis=1) / n,
        "roc_auc": np.clip(auc + sums[:, 2] / n, 0.0, 1.0),
    }


def _bounds(proba: Floats) -> dict[str, dict[str, float]]:
    """Between which a photo's part in each mean over photos lies, whatever its label."""
    best, worst = proba.argmax(axis=1), proba.argmin(axis=1)
    losses = loss_range(proba)
    briers = float(_briers(best, proba).min()), float(_briers(worst, proba).max())
    ends = {"log_loss": losses, "accuracy": (0.0, 1.0), "brier": briers}
    ends["calibration_error"] = (0.0, 1.0)
    return {name: {"least": least, "most": most} for name, (least, most) in ends.items()}


def _centred(name: str, value: float, samples: Floats) -> Floats:
    """Draws of the calibration error without what noise adds to them; other draws as they are."""
    if name != "calibration_error":
        return samples
    centred: Floats = np.clip(samples - samples.mean() + value, 0.0, 1.0)
    return centred


def _balanced(y: Ints, right: npt.NDArray[np.bool_], samples: Floats, units: Units) -> Interval:
    """Mean recall of the classes that occur; `right` [n] says which answers are."""
    recalls, told = [], True
    for c in np.unique(y):
        mine = y == c
        count, share = units.count(mine), float(right[mine].mean())
        low, high = wilson(share * count, count)
        recalls.append(Interval(share, float(low), float(high)))
        told &= 0 < share < 1 and not tell_little(samples, count)
    value = float(np.mean([one.value for one in recalls]))
    drawn = bounded_interval(value, samples, units.count(y >= 0), least=0.0, most=1.0)
    return drawn if told else widest(drawn, mean_of_intervals(recalls))


def _sparse(width: int, *parts: tuple[npt.ArrayLike, npt.ArrayLike]) -> Any:
    """Sparse [n, width] of (column, value) pairs, one of each pair a row."""
    from scipy import sparse

    n = len(np.asarray(parts[0][1]))
    columns = np.empty((n, len(parts)), np.int32)
    values = np.empty((n, len(parts)))
    for i, (column, value) in enumerate(parts):
        columns[:, i], values[:, i] = column, value
    starts = np.arange(0, columns.size + 1, len(parts), dtype=np.int32)
    return sparse.csr_array((values.ravel(), columns.ravel(), starts), shape=(n, width))


def _briers(y: Ints, proba: Floats) -> Floats:
    squares = np.einsum("nk,nk->n", proba, proba) + 1 - 2 * proba[np.arange(len(y)), y]
    briers: Floats = np.maximum(squares, 0.0) / (2 if proba.shape[1] == 2 else 1)
    return briers
