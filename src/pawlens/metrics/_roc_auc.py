"""The area under the ROC curve, and what it says of other photos."""

from __future__ import annotations

import numpy as np

from ._answers import Answers
from ._interval import Floats, Interval, bounded_interval, mean_of_intervals, widest
from ._metric import SumMetric

__all__ = ["RocAuc", "auc_interval"]

_NORMAL_DRAWS = 2000


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
        """Join the intervals of the classes, since each may miss rare errors of its own.

        The draws know what the classes have in common, and are not left out.
        """
        parts = [
            auc_interval(
                area,
                answers.ranks.errors[c],
                min(answers.units.count(answers.y == c), answers.units.count(answers.y != c)),
            )
            for c, area in answers.ranks.areas.items()
        ]
        joined = mean_of_intervals(parts)
        unmixed = bounded_interval(joined.value, draws, 1.0, least=-np.inf, most=np.inf)
        return widest(joined, unmixed)


def auc_interval(area: float, error: float, units: float) -> Interval:
    """Compute the 95 % interval of an area under the ROC curve, right also for 0 and 1.

    Normal draws around the area are mixed with one photo more of the rarer kind, which ranks last
    for the lower end and first for the upper; see `bounded_interval`.

    Parameters
    ----------
    area, error : float
        Area that was measured, 0 to 1, and its standard error (DeLong et al. 1988).
    units : float
        Number of pieces of evidence of the rarer kind.
    """
    from scipy.special import ndtri

    draws = np.clip(area + error * ndtri((np.arange(_NORMAL_DRAWS) + 0.5) / _NORMAL_DRAWS), 0, 1)
    return bounded_interval(area, draws, units, least=0.0, most=1.0)
