"""Decision curves: what acting on a model's probabilities is worth (Vickers and Elkin 2006).

Whoever acts on a photo when its probability exceeds t holds a false alarm to be t / (1 - t) times
as bad as a hit is good. The net benefit at t is the share of hits less that many times the share
of false alarms. It is computed for each class against the rest, and its mean is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._interval import Floats, Ints, bounded_range
from ._resampling import Units, resampled_sums

__all__ = ["THRESHOLDS", "DecisionCurve", "act_on_all", "decision_curve", "decision_gain"]

THRESHOLDS: Floats = np.round(np.arange(0.02, 0.99, 0.02), 2)
"""Probabilities from which a user acts on a photo."""


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit at each of `THRESHOLDS`, with its 95 % interval at that threshold.

    Attributes
    ----------
    value, low, high : ndarray of float64, shape (T,)
        Net benefit, and the ends of its interval.
    """

    value: Floats
    low: Floats
    high: Floats


def decision_curve(
    y: Ints, proba: Floats, *, draws: int = 400, seed: int = 0, groups: Ints | None = None
) -> DecisionCurve:
    """Measure the net benefit of acting on probabilities.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (n, K)
        Probabilities of the classes.
    draws, seed, groups
        Parameters of the bootstrap; see `evaluate`.
    """
    worst, own, best = (_benefits(one, proba) for one in (proba.argmin(1), y, proba.argmax(1)))
    return _curve(own, worst.mean(axis=0), best.mean(axis=0), draws, seed, groups)


def decision_gain(
    y: Ints,
    proba_a: Floats,
    proba_b: Floats,
    *,
    draws: int = 400,
    seed: int = 0,
    groups: Ints | None = None,
) -> DecisionCurve:
    """Measure the net benefit of model A less that of model B; above 0 A is better."""
    lead = proba_a - proba_b
    worst, own, best = (
        _benefits(one, proba_a) - _benefits(one, proba_b)
        for one in (lead.argmin(1), y, lead.argmax(1))
    )
    return _curve(own, worst.mean(axis=0), best.mean(axis=0), draws, seed, groups)


def act_on_all(y: Ints, n_classes: int) -> Floats:
    """Measure the net benefit of acting on every photo, float64 (T,); acting on none has 0."""
    return np.asarray(_benefits(y, np.ones((len(y), n_classes))).mean(axis=0))


def _benefits(y: Ints, proba: Floats) -> Floats:
    """Compute what each photo adds to the net benefit at each threshold, float64 (n, T)."""
    k = proba.shape[1]
    odds = THRESHOLDS / (1 - THRESHOLDS)
    own = proba[np.arange(len(y)), y]
    found = own[:, None] >= THRESHOLDS
    # Classes acted upon at each threshold, the true one among them.
    acted = (proba[:, :, None] >= THRESHOLDS).sum(axis=1)
    return np.asarray((found - (acted - found) * odds) / k, np.float64)


def _curve(
    benefits: Floats, least: Floats, most: Floats, draws: int, seed: int, groups: Ints | None
) -> DecisionCurve:
    columns = np.column_stack([benefits, np.ones(len(benefits))])
    sums = resampled_sums(columns, draws=draws, seed=seed, groups=groups)
    units = Units(groups).count(np.ones(len(benefits), bool))
    value = benefits.mean(axis=0)
    low, high = bounded_range(value, sums[:, :-1] / sums[:, -1:], units, least=least, most=most)
    return DecisionCurve(value, low, high)
