"""Metrics of a classifier that gives several labels, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..base import Progress, tell
from ..errors import UsageError
from ._evaluate import evaluate
from ._interval import (
    Floats,
    Interval,
    Ints,
    bounded_interval,
    mean_of_intervals,
    pessimistic_and_optimistic,
    widest,
)
from ._label_losses import label_loss_range, label_losses
from ._label_rules import Bools, as_pairs
from ._resampling import Units, resampled_sums, resampled_weights, shared_groups

__all__ = ["LabelMetrics", "co_occurrence", "evaluate_labels"]

_UNBOUNDED = {"least": -np.inf, "most": np.inf}  # the plain bootstrap
_OF_TWO = ("log_loss", "brier", "calibration_error", "roc_auc")  # as for two classes


@dataclass(frozen=True)
class LabelMetrics:
    """The metrics that `evaluate_labels` returns.

    Attributes
    ----------
    overall : dict of str to Interval
        Metrics over all labels.
    by_label : dict of str to dict of str to Interval
        Metrics of each label, by its name.
    """

    overall: dict[str, Interval]
    by_label: dict[str, dict[str, Interval]]


@dataclass(frozen=True)
class _Draws:
    """The bootstrap, whose samples are alike for every metric, so that means may be taken."""

    draws: int
    seed: int
    groups: Ints | None = field(repr=False)

    def sums(self, columns: npt.ArrayLike) -> Floats:
        return resampled_sums(
            np.asarray(columns, np.float64), draws=self.draws, seed=self.seed, groups=self.groups
        )

    def units(self, some: Bools) -> float:
        """Count the selected photos, bool (n,), or the groups that they are drawn in."""
        return Units(self.groups).count(some)

    def mean(self, values: Floats, *, least: float, most: float) -> Interval:
        """Average a value of each photo, float64 (n,), which lies between `least` and `most`."""
        drawn = self.sums(np.column_stack([values, np.ones(len(values))]))
        units = self.units(np.ones(len(values), bool))
        means = drawn[:, 0] / drawn[:, 1]
        return bounded_interval(float(values.mean()), means, units, least=least, most=most)


def evaluate_labels(
    targets: Bools,
    proba: Floats,
    answers: Bools,
    classes: Sequence[str],
    *,
    draws: int = 1000,
    seed: int = 0,
    groups: Ints | None = None,
    progress: Progress | None = None,
) -> LabelMetrics:
    """Measure labels that were given, and their probabilities, against the true labels.

    Intervals are those of `evaluate`. Shares, F1 and average precision are mixed with an imagined
    photo (`bounded_interval`) among the photos that they are shares of; for F1 that is done to the
    share of hits among hits and errors, with which it rises. Means over labels are joined out of
    the labels' intervals (`mean_of_intervals`: Zou and Donner 2008).

    Parameters
    ----------
    targets : ndarray of bool, shape (n, K)
        The true labels.
    proba : ndarray of float64, shape (n, K)
        Probability of each label.
    answers : ndarray of bool, shape (n, K)
        The labels that were given.
    classes : sequence of str, length K
        Names of the labels.
    draws, seed, groups
        Parameters of the bootstrap; see `evaluate`.
    progress : callable, optional
        Called with a text, how many labels are done, and how many there are.

    Returns
    -------
    LabelMetrics
        Overall ``log_loss`` (binary, mean over photos and labels), ``subset_accuracy`` (every label
        of the photo right), ``hamming_loss`` (share of wrong answers over photos and labels),
        ``macro_f1`` (mean over labels), ``micro_f1`` (all answers together),
        ``mean_average_precision``. For each label ``accuracy``, ``precision``, ``recall``, ``f1``,
        ``average_precision`` (Davis and Goadrich 2006, without interpolation), and as for two
        classes ``log_loss``, ``brier``, ``calibration_error`` and ``roc_auc``. What has no meaning
        is left out.

    Raises
    ------
    UsageError
        The arrays do not fit each other or are not probabilities.
    """
    shape = (len(targets), len(classes))
    if not len(targets) or any(one.shape != shape for one in (targets, proba, answers)):
        raise UsageError(
            f"labels {targets.shape}, probabilities {proba.shape} and answers {answers.shape} "
            f"must all have shape {shape}, with at least one photo"
        )
    how = _Draws(draws, seed, shared_groups(groups))
    counts = np.stack([targets & answers, ~targets & answers, targets & ~answers], 1)
    sums = how.sums(counts.reshape(len(targets), -1)).reshape(draws, 3, -1)
    by_label, ranked = {}, []
    for k, name in enumerate(classes):
        right = targets[:, k] == answers[:, k]
        ranked.append(_average_precision(targets[:, k], proba[:, k], how))
        two = evaluate(
            targets[:, k].astype(np.int64),
            as_pairs(proba[:, k]),
            ["without", "with"],
            metrics=_OF_TWO,
            draws=draws,
            seed=seed,
            groups=groups,
        )
        by_label[name] = (
            {"accuracy": _share(right, how)}
            | _of_counts(counts[:, :, k], sums[:, :, k], how)
            | _known({"average_precision": ranked[k].interval})
            | two
        )
        tell(progress, "measuring labels", k + 1, len(classes))
    return LabelMetrics(_overall(targets, proba, answers, counts, sums, ranked, how), by_label)


def co_occurrence(targets: Bools, answers: Bools) -> Ints:
    """Count photos that truly have label i and were given label j, int64 (K + 1, K + 1).

    The last row counts photos without a true label, the last column those that were given none.
    """
    truth, given = (
        np.column_stack([one, ~one.any(axis=1)]).astype(np.int64) for one in (targets, answers)
    )
    return truth.T @ given


def _overall(
    targets: Bools,
    proba: Floats,
    answers: Bools,
    counts: Bools,
    sums: Floats,
    ranked: Sequence[_Figure],
    how: _Draws,
) -> dict[str, Interval]:
    losses = label_losses(targets, proba).mean(axis=1)
    least, most = label_loss_range(proba)
    wrong = targets != answers
    missed = _share(~wrong, how)
    pot = _f1(counts.sum(axis=2), sums.sum(axis=2), how)
    found = {
        "log_loss": how.mean(losses, least=least, most=most),
        "subset_accuracy": _share(~wrong.any(axis=1), how),
        "hamming_loss": Interval(1 - missed.value, 1 - missed.high, 1 - missed.low),
        "macro_f1": _macro_f1(counts, sums, how),
        "micro_f1": pot,
        "mean_average_precision": _mean_figure(ranked),
    }
    return _known(found)


@dataclass(frozen=True)
class _Figure:
    """A metric of one label, NaN where it has no meaning, with the draws that it came from.

    Attributes
    ----------
    interval : Interval
        Value and 95 % interval.
    draws : ndarray of float64, shape (draws,)
        Bootstrap draws; NaN where one has no meaning.
    """

    interval: Interval
    draws: Floats = field(repr=False)


def _mean_figure(figures: Sequence[_Figure]) -> Interval:
    """Average over the labels for which a metric has a meaning."""
    some = [one for one in figures if not np.isnan(one.interval.value)]
    if not some:
        return Interval(float("nan"), float("nan"), float("nan"))
    joined = mean_of_intervals([one.interval for one in some])
    draws = _mean(np.stack([one.draws for one in some], 1))
    return widest(joined, bounded_interval(joined.value, draws, 1, **_UNBOUNDED))


def _of_counts(counts: Bools, sums: Floats, how: _Draws) -> dict[str, Interval]:
    """Compute precision, recall and F1.

    Hits, false alarms and misses are counted by photo, (n, 3), and by bootstrap draw, (draws, 3).
    """
    found = {}
    for name, other in (("precision", 1), ("recall", 2)):
        among = counts[:, 0] | counts[:, other]
        if among.any():
            samples = _ratio(sums[:, 0], sums[:, 0] + sums[:, other])
            share = float(counts[among, 0].mean())
            found[name] = bounded_interval(share, samples, how.units(among), least=0.0, most=1.0)
    return found | _known({"f1": _f1(counts, sums, how)})


def _f1(counts: Bools | Ints, sums: Floats, how: _Draws) -> Interval:
    """Compute the F1 of a label, or of all together, from counts (n, 3) and draws (draws, 3)."""
    total, units = counts.sum(axis=0), how.units(counts.sum(axis=1) > 0)
    if not units:
        return Interval(*[float("nan")] * 3)
    hits = float(_ratio(total[0], total.sum()))
    share = bounded_interval(hits, _ratio(sums[:, 0], sums.sum(axis=1)), units, least=0.0, most=1.0)
    return Interval(*map(float, _f1_of(np.array([share.value, share.low, share.high]))))


def _macro_f1(counts: Bools, sums: Floats, how: _Draws) -> Interval:
    """Average the F1 of the labels that occur or were given.

    Each has an imagined photo of its own. Where labels have few photos the mean is too low, since
    F1 is bent, and distances from it (`mean_of_intervals`) would not reach the truth.
    """
    units = [how.units(counts[:, :, k].sum(axis=1) > 0) for k in range(counts.shape[2])]
    some = [k for k, number in enumerate(units) if number]
    if not some:
        return Interval(*[float("nan")] * 3)
    total = counts.sum(axis=0)
    shares = _ratio(sums[:, 0], sums.sum(axis=1))
    mixed = [
        pessimistic_and_optimistic(shares[:, k], units[k], least=0.0, most=1.0, seed=k)
        for k in some
    ]
    value = _f1_of(_ratio(total[0], total.sum(axis=0))[some]).mean()
    low, high = (_f1_of(np.stack(ends)).mean(axis=0) for ends in zip(*mixed, strict=True))
    drawn = bounded_interval(value, _f1_of(shares[:, some]).mean(axis=1), 1, **_UNBOUNDED)
    ends = (bounded_interval(value, one, 1, **_UNBOUNDED) for one in (low, high))
    for one in ends:
        drawn = widest(drawn, one)
    return drawn


def _f1_of(share: Floats) -> Floats:
    """Compute F1 from the share of hits among hits, false alarms and misses."""
    return 2 * share / (1 + share)


def _share(right: Bools, how: _Draws) -> Interval:
    """Compute the share of right answers, bool (n,) or (n, K)."""
    return how.mean(right.reshape(len(right), -1).mean(axis=1), least=0.0, most=1.0)


def _known(found: dict[str, Interval]) -> dict[str, Interval]:
    return {name: one for name, one in found.items() if not np.isnan(one.value)}


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return ratio


def _mean(values: Floats) -> Any:
    """Average over the last axis without NaN; NaN where nothing else is there."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))


def _average_precision(carried: Bools, proba: Floats, how: _Draws) -> _Figure:
    """Compute the area under precision by recall, in steps; NaN without a photo of the label."""
    if not carried.any():
        return _Figure(Interval(*[float("nan")] * 3), np.full(how.draws, np.nan))
    order = np.argsort(-proba, kind="stable")
    hit, last = carried[order], np.append(np.diff(proba[order]) != 0, True)

    def area(weights: Floats) -> Floats:
        hits = np.cumsum(weights * hit[:, None], axis=0)[last]
        given = np.cumsum(weights, axis=0)[last]
        gained = np.diff(hits, axis=0, prepend=0)
        return _ratio((gained * _zero(_ratio(hits, given))).sum(axis=0), hits[-1])

    units = np.arange(len(hit)) if how.groups is None else how.groups
    _, unit = np.unique(units, return_inverse=True)
    blocks = resampled_weights(int(unit.max()) + 1, draws=how.draws, seed=how.seed)
    drawn = np.concatenate([area(weights[unit[order]]) for weights in blocks])
    value, photos = float(area(np.ones((len(hit), 1)))[0]), how.units(carried)
    return _Figure(bounded_interval(value, drawn, photos, least=0.0, most=1.0), drawn)


def _zero(values: Floats) -> Floats:
    return np.nan_to_num(values, nan=0.0)
