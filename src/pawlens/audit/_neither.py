"""Detection of photos that are unlike those of every class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._second_opinion import second_opinion
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["NeitherCheck", "distances", "find_neither"]

_SHRINKAGE = 0.2
_FAR = 2.5  # interquartile ranges above the median: about 1 in 100 real photos lies farther out
_FEWEST = 20
_DIRECTIONS = 64  # in all other directions photos vary far less than the sphere


class NeitherCheck(AuditCheck):
    """Photos unlike those of every class; without classes, unlike all others."""

    kinds = (Kind("neither", "Neither", "Unlike the photos of every class.", 0.9),)

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Measure how far each photo is from the class that it is taken for.

        Cats and dogs that ``paw`` has seen are judged by the classifier that comes with it.
        """
        opinion = second_opinion(view)
        if opinion is not None:
            return [opinion.find_neither()]
        return [find_neither(_distance(view))]


def find_neither(distance: Floats) -> Detection:
    """Detect photos that are farther from every class than nearly all others.

    Parameters
    ----------
    distance : ndarray of float64, shape (n,)
        Distance of each photo, from `distances`; NaN where unknown.
    """
    measured = np.isfinite(distance)
    score = np.full(len(distance), np.nan)
    if np.count_nonzero(measured) < _FEWEST:
        return Detection("neither", score, np.zeros(len(distance), bool), {})
    low, middle, high = np.quantile(distance[measured], (0.25, 0.5, 0.75))
    beyond = np.maximum(distance - middle, 0) / max(high - low, 1e-9)
    score = from_ratio(beyond / _FAR)
    found = beyond > _FAR
    nearer = np.searchsorted(np.sort(distance[measured]), distance) / np.count_nonzero(measured)
    why = {
        int(row): f"farther from every class than {100 * nearer[row]:.1f} of 100 photos"
        for row in np.flatnonzero(found)
    }
    return Detection("neither", score, found, why)


def distances(vectors: Floats32, groups: Ints) -> Floats:
    """Compute the squared Mahalanobis distance of each vector to the mean of its group.

    All groups share one covariance (Lee et al. 2018, arXiv:1807.03888), shrunk towards a sphere of
    a fifth of its largest variance: directions in which photos hardly differ say most about what
    does not belong, but not everything. Photos of neither class often come in clumps of alike
    ones, which a distance to the nearest photos overlooks.

    Parameters
    ----------
    vectors : ndarray of float32, shape (m, D)
    groups : ndarray of int64, shape (m,)
        The class that each photo is nearest to, from 0.

    Returns
    -------
    ndarray of float64, shape (m,)
    """
    from sklearn.utils.extmath import randomized_svd

    centred = vectors - _means(vectors, groups)[groups]
    parts = min(_DIRECTIONS, *centred.shape)
    _, spread, directions = randomized_svd(centred, parts, n_iter=4, random_state=0)
    variance = spread.astype(np.float64) ** 2 / len(centred)
    sphere = max(_SHRINKAGE * float(variance[0]), 1e-12)
    # The inverse of what is not a main direction is that of the sphere alone.
    square = np.sum(centred**2, axis=1, dtype=np.float64)
    along = (centred @ directions.T).astype(np.float64) ** 2
    return np.asarray((square - along @ (variance / (variance + sphere))) / sphere)


def _distance(view: AuditView) -> Floats:
    """Distance of each photo to the class that it is taken for, or to all photos: (n,)."""
    values, row = view.features.values, view.features.row
    distance = np.full(len(row), np.nan)
    measured = np.flatnonzero(row >= 0)
    if len(values) < 2:
        return distance
    answer = np.zeros(len(values), np.int64)
    if view.has_beliefs:
        answer[row[measured]] = view.beliefs.proba[measured].argmax(axis=1)
    distance[measured] = distances(values, answer)[row[measured]]
    return distance


def _means(vectors: Floats32, groups: Ints) -> Floats32:
    """Compute the mean of each group, float32 (K, D); an empty group gets the mean of all."""
    everywhere = vectors.mean(axis=0)
    count = int(groups.max()) + 1
    return np.stack(
        [
            vectors[groups == number].mean(axis=0) if np.any(groups == number) else everywhere
            for number in range(count)
        ]
    )
