"""Photos ranked by the probability of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._interval import Floats, Ints

__all__ = ["Ranks", "rank_photos"]


@dataclass(frozen=True)
class Ranks:
    """The ROC AUC of each class that some photos have and some do not; of two, the last.

    Attributes
    ----------
    areas : dict of int to float
        Area of each class, by its number.
    errors : dict of int to float
        Standard error of each area (DeLong et al. 1988); photos of a group count together.
    influence : ndarray of float64, shape (n,)
        Distance by which one more copy of a photo would move the mean of the areas (times n).
    """

    areas: dict[int, float]
    errors: dict[int, float]
    influence: Floats

    @property
    def mean(self) -> float:
        """The mean of the areas; NaN where no class can be ranked."""
        return float(np.mean(list(self.areas.values()))) if self.areas else float("nan")


def rank_photos(y: Ints, proba: Floats, groups: Ints | None = None) -> Ranks:
    """Compute areas and influences; groups, int64 (n,), are drawn together.

    An area is the chance that a photo of the class scores above one that is not. The placement of
    a photo among the other kind, less the area, is its influence.
    """
    n, k = proba.shape
    areas, errors, influence = {}, {}, np.zeros(n)
    unit = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
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
        own = np.where(mine, below[level] - area, above[level] - area)
        own *= n / np.where(mine, positives, n - positives)
        influence += own
        areas[c], errors[c] = area, float(np.linalg.norm(np.bincount(unit, own))) / n
    return Ranks(areas, errors, influence / max(len(areas), 1))
