"""Intervals, which tell what a number measured on n photos says about photos not yet seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "Floats",
    "Interval",
    "Ints",
    "Units",
    "Z",
    "bounded_interval",
    "mean_of_intervals",
    "percent",
    "percentiles",
    "resampled_sums",
    "resampled_weights",
    "tell_little",
    "widest",
    "wilson",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_UNITS = {"%": " %", "p": " points"}  # for numbers that are written times 100
Z = 1.959963984540054  # the 97.5 % point of the normal distribution
_FEW = 5
"""The largest number of pieces of evidence whose draws hold no 95 % interval: all n lie on one side
of the median once in 2 ** (n - 1) times, which is more than 5 % of the times up to five."""

_ALIKE = 1e-9  # draws that differ by no more are rounding
_CELLS = 1_000_000  # weights held at once by the bootstrap: 8 MB


@dataclass(frozen=True)
class Interval:
    """A measured value with its 95 % interval.

    A format string writes it: that of its numbers, with ``%`` for a share and ``p`` for the
    difference of two shares in percentage points.

    >>> loss = Interval(0.0179, 0.014, 0.023)
    >>> f"{loss:.4f}"
    '0.0179 (0.0140 to 0.0230)'
    >>> f"{Interval(0.99, 0.985, 0.994):.1%}"
    '99.0 % (98.5 to 99.4)'
    >>> f"{Interval(-0.0128, -0.0351, 0.0095):+.2p}"
    '-1.28 points (-3.51 to +0.95)'
    >>> loss.ends(".4f")
    '0.0140 to 0.0230'

    Attributes
    ----------
    value : float
        The value on the photos at hand.
    low, high : float
        Ends of the 95 % interval.
    """

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return f"{_number(self.value, spec)}{_UNITS.get(spec[-1], '')} ({self.ends(spec)})"

    def ends(self, spec: str) -> str:
        """Write both ends of the interval by a format string, without a unit."""
        return f"{_number(self.low, spec)} to {_number(self.high, spec)}"


def percent(share: float, digits: int | None = 1) -> str:
    """Write a share in per cent: ``0.9904`` is ``99.0 %``.

    Parameters
    ----------
    share : float
        The share, from 0 to 1.
    digits : int, optional
        Digits after the point; None for as many as a round number needs.
    """
    return f"{100 * share:{'g' if digits is None else f'.{digits}f'}}{_UNITS['%']}"


def _number(value: float, spec: str) -> str:
    """Write a number as `Interval` does: shares times 100, and without their unit."""
    return f"{100 * value:{spec[:-1]}f}" if spec[-1] in _UNITS else f"{value:{spec}}"


@dataclass(frozen=True)
class Units:
    """Pieces of evidence: photos, or groups of near-duplicates, which are drawn together.

    Attributes
    ----------
    groups : ndarray of int64, shape (n,), optional
        Near-duplicates share a number; without it each photo is a piece of its own.
    """

    groups: Ints | None = None

    def count(self, photos: npt.NDArray[np.bool_]) -> int:
        """Count the pieces of evidence among the selected photos, bool (n,)."""
        return int(photos.sum()) if self.groups is None else len(np.unique(self.groups[photos]))


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Compute the 95 % interval of a share (Wilson 1927), right also for shares of 0 and 1.

    Parameters
    ----------
    successes, trials : array_like
        Counts that broadcast against each other.

    Returns
    -------
    low, high : ndarray of float64
        Ends of the interval, from 0 to 1; 0 and 1 where there are no trials.
    """
    n = np.asarray(trials, np.float64)
    known = n > 0
    n = np.where(known, n, 1.0)
    share = np.asarray(successes, np.float64) / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    low = np.where(known, np.clip(centre - half, 0.0, share), 0.0)
    high = np.where(known, np.clip(centre + half, share, 1.0), 1.0)
    return low, high


def tell_little(draws: Floats, units: int) -> bool:
    """Tell whether bootstrap draws say nothing: units are few (5 or fewer), or draws all alike."""
    low, high = percentiles(draws)
    return units <= _FEW or high - low <= _ALIKE * max(1.0, abs(high))


def bounded_interval(
    value: float, draws: Floats, units: int, *, least: float, most: float
) -> Interval:
    """Compute the 95 % interval of a mean of bounded values, which is never a point.

    It has the percentiles of the draws, and is wider where these say too little.

    Draws of units that are few, or that are all alike, know of no other unit (`tell_little`). Up to
    Wilson's upper end for 0 of so many, units may be unlike any that was seen (Wilson 1927), and
    these may have any value: the ends are moved out by that share of the way to `least` and `most`.
    For a share of 0 or 1 that is Wilson's interval itself.

    Parameters
    ----------
    value : float
        The mean on the units at hand.
    draws : ndarray of float64
        Bootstrap draws of the mean; NaN where a draw has none.
    units : int
        Number of photos, or of groups of near-duplicates, that were drawn.
    least, most : float
        Bounds of the value of a single unit.
    """
    draws = draws[~np.isnan(draws)]
    if len(draws) and not tell_little(draws, units):
        return Interval(value, *percentiles(draws))
    low, high = percentiles(draws) if len(draws) else (value, value)
    share = float(wilson(0, units)[1])
    outer = Interval(value, value - share * (value - least), value + share * (most - value))
    return widest(Interval(value, low, high), outer)


def mean_of_intervals(parts: Sequence[Interval]) -> Interval:
    """Compute the interval of the mean of independent figures from their own intervals.

    The distances of the ends from the values add up as squares: the method of variance estimates
    recovery (MOVER; Zou and Donner 2008), which needs no interval to be symmetric.
    """
    value = float(np.mean([part.value for part in parts]))
    below = float(np.linalg.norm([part.value - part.low for part in parts])) / len(parts)
    above = float(np.linalg.norm([part.high - part.value for part in parts])) / len(parts)
    return Interval(value, value - below, value + above)


def widest(first: Interval, second: Interval) -> Interval:
    """Return the value of the first of two intervals, with the outer of both ends on each side."""
    return Interval(first.value, min(first.low, second.low), max(first.high, second.high))


def percentiles(draws: Floats) -> tuple[float, float]:
    """Compute the 2.5 % and 97.5 % points of bootstrap draws."""
    low, high = np.quantile(draws, (0.025, 0.975))
    return float(low), float(high)


def resampled_sums(columns: Any, *, draws: int, seed: int, groups: Ints | None = None) -> Floats:
    """Compute the column sums of ``draws`` bootstrap samples (Efron 1979).

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
    """Yield how often each of n units is in each bootstrap sample, a few draws at a time.

    Yields
    ------
    ndarray of float64, shape (n, count)
        Counts of the units in ``count`` samples.
    """
    rng = np.random.default_rng(seed)
    step = max(1, _CELLS // n)
    for start in range(0, draws, step):
        count = min(step, draws - start)
        weights = np.empty((n, count))
        for draw in range(count):
            weights[:, draw] = np.bincount(rng.integers(n, size=n), minlength=n)
        yield weights
