"""The area under the ROC curve: photos ranked by each class, and what the area says of others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._interval import (
    Floats,
    Interval,
    Ints,
    Units,
    Z,
    mean_of_intervals,
    percentiles,
    tell_little,
    widest,
)

__all__ = ["Ranks", "auc_interval", "mean_auc", "rank_photos"]

_TIE = 1e-9  # areas that are no further apart are the same


@dataclass(frozen=True)
class Ranks:
    """ROC AUC of each class that some photos have and some do not; of two classes, the last.

    Attributes
    ----------
    areas : dict of int to float
    influence : float64 array, shape [n]
        How far one more copy of a photo would move the mean of the areas (times n).
    """

    areas: dict[int, float]
    influence: Floats

    @property
    def mean(self) -> float:
        """Mean of the areas; NaN where no class can be ranked."""
        return float(np.mean(list(self.areas.values()))) if self.areas else float("nan")


def rank_photos(y: Ints, proba: Floats) -> Ranks:
    """Areas and influences.

    An area is the chance that a photo of the class scores above one that is not. The placement of
    a photo among the other kind, less the area, is its influence.
    """
    n, k = proba.shape
    areas, influence = {}, np.zeros(n)
    for c in [1] if k == 2 else range(k):
        mine = y == c
        positives = int(mine.sum())
        if positives in (0, n):
            continue
        levels, level = np.unique(proba[:, c], return_inverse=True)
        rivals = np.bincount(level[~mine], minlength=len(levels))
        friends = np.bincount(level[mine], minlength=len(levels))
        below = (np.cumsum(rivals) - rivals / 2) / (n - positives)
        above = 1 - (np.cumsum(friends) - friends / 2) / positives
        area = float(below[level[mine]].mean())
        influence[mine] += (below[level[mine]] - area) * (n / positives)
        influence[~mine] += (above[level[~mine]] - area) * (n / (n - positives))
        areas[c] = area
    return Ranks(areas, influence / max(len(areas), 1))


def mean_auc(y: Ints, ranks: Ranks, samples: Floats, units: Units) -> Interval:
    """Mean area of the classes that can be ranked, with its 95 % interval.

    Parameters
    ----------
    y : int64 array, shape [n]
    ranks : Ranks
    samples : float64 array, shape [draws]
        Bootstrap draws of the mean.
    units : Units
    """
    parts, told = [], True
    for c, area in ranks.areas.items():
        of_class, others = units.count(y == c), units.count(y != c)
        parts.append(auc_interval(area, of_class, others))
        told &= 0 < area < 1 and not tell_little(samples, min(of_class, others))
    joined = mean_of_intervals(parts)
    drawn = Interval(joined.value, *percentiles(samples))
    # The influences of several classes may cancel each other out.
    told &= drawn.high - drawn.low > (joined.high - joined.low) / 10
    return drawn if told else widest(drawn, joined)


def auc_interval(area: float, positives: int, negatives: int) -> Interval:
    """95 % interval of an area under the ROC curve, right also for areas of 0 and 1.

    The score interval with the variance of Hanley and McNeil (1982), both of whose counts are
    replaced by their mean (Newcombe 2006, part 2, method 5).

    Parameters
    ----------
    area : float
    positives, negatives : int
        Pieces of evidence of either kind, 1 or more.
    """
    return Interval(
        area,
        _least_area(area, positives, negatives),
        1 - _least_area(1 - area, positives, negatives),
    )


def _least_area(area: float, positives: int, negatives: int) -> float:
    """The smallest true area from which the one that was seen is 1.96 standard errors away."""
    from scipy.optimize import brentq

    mean = (positives + negatives) / 2

    def excess(true: float) -> float:
        spread = 1 + (mean - 1) * ((1 - true) / (2 - true) + true / (1 + true))
        variance = true * (1 - true) * spread / (positives * negatives)
        return (area - true) ** 2 - Z**2 * variance

    if area <= _TIE:
        return 0.0
    return float(brentq(excess, 0.0, area - _TIE))
