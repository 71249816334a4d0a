"""Bootstrap samples: sums over photos, each of which weighs more or less in every sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._interval import Floats, Ints

__all__ = ["Units", "resampled_sums", "resampled_weights", "shared_groups"]

_CELLS = 1_000_000  # weights held at once: 8 MB


@dataclass(frozen=True)
class Units:
    """Pieces of evidence: photos, or groups of photos, which are drawn together.

    Attributes
    ----------
    groups : ndarray of int64, shape (n,), optional
        Photos of a group share a number; without it each photo is a piece of its own.
    """

    groups: Ints | None = None

    def count(self, photos: npt.NDArray[np.bool_]) -> float:
        """Count the pieces of evidence among the selected photos, bool (n,).

        Groups of different sizes count as the number of equal ones that would tell as much (Kish
        1965): one of 99 photos beside one of 1 is hardly more than one.

        >>> Units(np.array([0, 0, 1, 1])).count(np.ones(4, bool))
        2.0
        >>> round(Units(np.repeat([0, 1], [99, 1])).count(np.ones(100, bool)), 2)
        1.02
        """
        if self.groups is None:
            return float(photos.sum())
        sizes = np.unique(self.groups[photos], return_counts=True)[1].astype(np.float64)
        return float(sizes.sum() ** 2 / (sizes @ sizes)) if len(sizes) else 0.0


def shared_groups(groups: Ints | None) -> Ints | None:
    """Return the groups int64 (n,), or None where each photo is a group of its own.

    Then the exact rules for photos hold, which are a little narrower than those for groups.
    """
    if groups is None or len(np.unique(groups)) == len(groups):
        return None
    return groups


def resampled_sums(columns: Any, *, draws: int, seed: int, groups: Ints | None = None) -> Floats:
    """Compute the column sums of ``draws`` samples of a Bayesian bootstrap (Rubin 1981).

    Every metric here is a function of such sums, so no metric is computed photo by photo
    in a draw. A few draws are held at a time: 8 MB, or one draw where that is more.

    Parameters
    ----------
    columns : scipy.sparse array or ndarray, shape (n, m)
        One row per photo.
    draws, seed : int
        Number of samples, and the seed of their random numbers.
    groups : ndarray of int64, shape (n,), optional
        Photos with the same number (near-duplicates) are drawn together: they are one
        piece of evidence, not several.

    Returns
    -------
    ndarray of float64, shape (draws, m)
        Sums of the columns over each sample.
    """
    from scipy import sparse

    columns = sparse.csr_array(columns)
    if groups is not None:
        names, row = np.unique(groups, return_inverse=True)
        members = (np.ones(len(row)), (row, np.arange(len(row))))
        columns = sparse.csr_array(members, shape=(len(names), len(row))) @ columns
    sums = np.empty((draws, columns.shape[1]))
    start = 0
    for weights in resampled_weights(columns.shape[0], draws=draws, seed=seed):
        end = start + weights.shape[1]
        sums[start:end] = (columns.T @ weights).T
        start = end
    return sums


def resampled_weights(n: int, *, draws: int, seed: int) -> Iterator[Floats]:
    """Yield how much each of n units weighs in each sample, a few draws at a time.

    The weights are uniform among those of 0 or more with the sum n (a flat Dirichlet distribution).
    Every unit has some weight in every sample, so that no metric loses its meaning in one.

    Yields
    ------
    ndarray of float64, shape (n, count)
        Weights of the units in ``count`` samples.
    """
    rng = np.random.default_rng(seed)
    step = max(1, _CELLS // n)
    for start in range(0, draws, step):
        weights = rng.standard_exponential((min(step, draws - start), n))
        weights *= n / weights.sum(axis=1, keepdims=True)
        yield weights.T
