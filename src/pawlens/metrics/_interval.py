"""Intervals, which tell what a number measured on n photos says about photos not yet seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "Floats",
    "Interval",
    "Ints",
    "bounded_interval",
    "bounded_range",
    "clopper_pearson",
    "mean_of_intervals",
    "percent",
    "pessimistic_and_optimistic",
    "widest",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_UNITS = {"%": " %", "p": " points"}  # for numbers that are written times 100
_LEVELS = (0.025, 0.975)


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


def clopper_pearson(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Compute the exact 95 % interval of a share (Clopper and Pearson 1934).

    It holds the true share in at least 95 % of samples of any size, which intervals that rest on
    the normal distribution do not where errors are rare.

    Parameters
    ----------
    successes, trials : array_like
        Counts that broadcast against each other; those of weighted photos need not be whole.

    Returns
    -------
    low, high : ndarray of float64
        Ends of the interval, from 0 to 1; 0 and 1 where there are no trials.

    Examples
    --------
    >>> low, high = clopper_pearson(30, 30)
    >>> f"{low:.3f} to {high:.0f}"
    '0.884 to 1'
    """
    from scipy.special import betaincinv

    hits, n = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(trials, np.float64))
    some, missed = hits > 0, n - hits > 0
    low = betaincinv(np.where(some, hits, 1.0), np.where(some, n - hits + 1, 1.0), _LEVELS[0])
    high = betaincinv(np.where(missed, hits + 1, 1.0), np.where(missed, n - hits, 1.0), _LEVELS[1])
    return np.where(some, low, 0.0), np.where(missed, high, 1.0)


def pessimistic_and_optimistic(
    draws: Floats, units: float, *, least: npt.ArrayLike, most: npt.ArrayLike, seed: int = 0
) -> tuple[Floats, Floats]:
    """Mix the draws of a mean with one imagined unit, of the least and of the largest value.

    Among the n units at hand a rare error may be missing, of which no draw knows. One more unit,
    as bad or as good as one can be, takes the place of all that was not seen. Its weight is that of
    one of n + 1 units in a Bayesian bootstrap (Rubin 1981).

    Parameters
    ----------
    draws : ndarray of float64, shape (draws, ...)
        Draws of the mean from `resampled_sums`.
    units : float
        The number of units that were drawn.
    least, most : array_like
        Value of the imagined unit for either end; where one is infinite, nothing is mixed in.
    seed : int
        Weights of different seeds are independent.

    Returns
    -------
    low, high : ndarray of float64, shape (draws, ...)
    """
    # The weights are stratified, so that they are as exact as their number allows.
    level = (np.random.default_rng([len(draws), seed]).permutation(len(draws)) + 0.5) / len(draws)
    weight = 1 - (1 - level) ** (1 / units)
    weight = weight.reshape(-1, *[1] * (draws.ndim - 1))
    down, up = (
        np.where(np.isfinite(end), np.maximum(sign * (np.asarray(end) - draws), 0.0), 0.0)
        for sign, end in ((-1, least), (1, most))
    )
    return draws - weight * down, draws + weight * up


def bounded_range(
    value: npt.ArrayLike,
    draws: Floats,
    units: float,
    *,
    least: npt.ArrayLike,
    most: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Compute the ends of `bounded_interval` for many means at once.

    Parameters
    ----------
    value : array_like of float, shape (...)
    draws : ndarray of float64, shape (draws, ...)
    units, least, most
        See `bounded_interval`; bounds may differ from mean to mean.

    Returns
    -------
    low, high : ndarray of float64, shape (...)
    """
    worst, best = pessimistic_and_optimistic(draws, units, least=least, most=most)
    low, high = np.quantile(worst, _LEVELS[0], axis=0), np.quantile(best, _LEVELS[1], axis=0)
    return np.minimum(low, value), np.maximum(high, value)


def bounded_interval(
    value: float, draws: Floats, units: float, *, least: float, most: float
) -> Interval:
    """Compute the 95 % interval of a mean of bounded values, which holds for samples of any size.

    It is the bound of Gaffke (2005): the percentiles of a Bayesian bootstrap of the units at hand
    and one more, which has the least possible value for the lower end and the largest for the upper
    (`pessimistic_and_optimistic`). For shares that is the exact interval of Clopper and Pearson,
    for many units the bootstrap's. That it holds for every distribution is proven for shares and a
    conjecture for other values, to which nobody has found an exception (Learned-Miller and Thomas
    2020). Intervals by betting (Waudby-Smith and Ramdas 2024) are proven, and 1.6 to 1.8 times as
    wide: `benchmarks/intervals.py` shows both.

    Parameters
    ----------
    value : float
        The mean on the units at hand.
    draws : ndarray of float64, shape (draws,)
        Bootstrap draws of the mean; NaN where a draw has none.
    units : float
        Number of photos, or of groups that are drawn together, from `Units.count`.
    least, most : float
        Values of the imagined unit: bounds of the value of a single one, or what it may cost where
        all bounds are far from anything that happens; infinite where nothing is known.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws):
        draws = np.full(1000, value)
    low, high = bounded_range(value, draws, units, least=least, most=most)
    return Interval(value, float(low), float(high))


def mean_of_intervals(parts: Sequence[Interval], *, freedom: float = np.inf) -> Interval:
    """Compute the interval of the mean of independent figures from their own intervals.

    The distances of the ends from the values add up as squares: the method of variance estimates
    recovery (MOVER; Zou and Donner 2008), which needs no interval to be symmetric.

    Parameters
    ----------
    parts : sequence of Interval
    freedom : float
        Photos less figures: where they are few, the interval is as much wider as Student's
        distribution is than the normal one.
    """
    from scipy.special import ndtri, stdtrit

    wider = stdtrit(max(freedom, 1.0), _LEVELS[1]) / ndtri(_LEVELS[1]) / len(parts)
    value = float(np.mean([part.value for part in parts]))
    below = float(np.linalg.norm([part.value - part.low for part in parts]) * wider)
    above = float(np.linalg.norm([part.high - part.value for part in parts]) * wider)
    return Interval(value, value - below, value + above)


def widest(first: Interval, second: Interval) -> Interval:
    """Return the value of the first of two intervals, with the outer of both ends on each side."""
    return Interval(first.value, min(first.low, second.low), max(first.high, second.high))
