"""The area under the ROC curve, and what it says of other photos."""

from __future__ import annotations

import numpy as np

from ._answers import Answers
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
from ._metric import SumMetric
from ._ranks import Ranks

__all__ = ["RocAuc", "auc_interval", "mean_auc"]

_TIE = 1e-9  # areas that are no further apart are the same


class RocAuc(SumMetric):
    """The area under the ROC curve: with two classes the last's, with more the mean over them.

    Each class is ranked against all others. The area is resampled through its influence on each
    photo (DeLong et al. 1988). It has no meaning where all photos are of one class.
    """

    title = "ROC AUC"
    meaning = (
        "The chance that a photo of a class gets a higher probability of it than another photo. "
        "1 is perfect, 0.5 is guessing."
    )
    least, most = 0.0, 1.0

    def columns(self, answers: Answers) -> Floats | None:
        """Return the influence of each photo, and a one."""
        if not answers.ranks.areas:
            return None
        return np.column_stack([answers.ranks.influence, np.ones(len(answers))])

    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        """Compute the mean area, moved by the influence of the photos in the sample."""
        return np.clip(answers.ranks.mean + sums[:, 0] / sums[:, 1], 0.0, 1.0)

    def interval(self, value: float, draws: Floats, answers: Answers) -> Interval:
        """Return the interval of the draws, joined with the classes' where those tell little."""
        return mean_auc(answers.y, answers.ranks, draws, answers.units)


def mean_auc(y: Ints, ranks: Ranks, samples: Floats, units: Units) -> Interval:
    """Average the areas of the classes that can be ranked, with a 95 % interval.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    ranks : Ranks
        Areas of the classes.
    samples : ndarray of float64, shape (draws,)
        Bootstrap draws of the mean.
    units : Units
        Photos, or groups of photos that are drawn together.
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
    """Compute the 95 % interval of an area under the ROC curve, right also for 0 and 1.

    It is the score interval with the variance of Hanley and McNeil (1982), both of whose counts are
    replaced by their mean (Newcombe 2006, part 2, method 5).

    Parameters
    ----------
    area : float
        Area that was measured, 0 to 1.
    positives, negatives : int
        Numbers of pieces of evidence of both kinds, 1 or more.
    """
    return Interval(
        area,
        _least_area(area, positives, negatives),
        1 - _least_area(1 - area, positives, negatives),
    )


def _least_area(area: float, positives: int, negatives: int) -> float:
    """Find the smallest true area from which the measured one is 1.96 standard errors away."""
    from scipy.optimize import brentq

    mean = (positives + negatives) / 2

    def excess(true: float) -> float:
        spread = 1 + (mean - 1) * ((1 - true) / (2 - true) + true / (1 + true))
        variance = true * (1 - true) * spread / (positives * negatives)
        return (area - true) ** 2 - Z**2 * variance

    if area <= _TIE:
        return 0.0
    return float(brentq(excess, 0.0, area - _TIE))
