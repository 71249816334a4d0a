"""Reading a rate sweep: which learning rate its loss curves suggest.

A sweep trains with a rate that grows from step to step and notes the loss (Smith 2015, "Cyclical
learning rates for training neural networks"). One sweep is a noisy thing, so several are made, and
the median of their curves is read:

1. A sweep ends at its first loss that is not a number; the median at each rate takes what has
   ended for infinitely large.
2. The curve is cut where the median of five neighbours first exceeds four times its least value so
   far: there it diverges. Fastai cuts where the smoothed loss does; neighbours notice at once and
   do not mistake one odd batch for it.
3. What is left is smoothed by a Gaussian kernel over the logarithm of the rate, 0.3 decades wide
   (one standard deviation). Unlike a running average it does not shift the curve to higher rates.

The four rules are those of fastai's ``callback/schedule.py``, on that curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ..recipes import MINIMUM_DIVISOR

__all__ = ["Suggestions", "suggest"]

Floats = npt.NDArray[np.float64]
RateRule = Literal["valley", "slide", "steep", "minimum"]

_WIDTH = 0.3  # decades
_DIVERGED = 4.0  # times the least loss so far
_FEWEST = 4  # points that still make a curve
_LEAST_FALL = 0.01  # of the loss at the start
_NOISES = 4.0  # standard deviations of the smoothed curve
_FACTOR = 3.0  # within which sweeps agree
_SLIDE_SPAN = 1.2  # decades: fastai's 15 of 100 steps over 8 decades
_SLIDE_SLOPE = 0.0625  # falls of the whole curve a decade: fastai's 0.005 a step, losses near 1


@dataclass(frozen=True)
class Suggestions:
    """The result of a rate sweep.

    Attributes
    ----------
    rule : str
        The rule that chooses.
    rate : ndarray of float64, shape (n,)
        Rates of the sweep, increasing.
    curves : ndarray of float64, shape (s, n)
        Loss of each sweep, not finite where it had ended.
    loss : ndarray of float64, shape (n,)
        Median of the curves, infinite where most had ended.
    suggestions : mapping of str to float
        Rate by rule; empty if no rate lowered the loss.
    singles : tuple of float
        The rule's suggestion for each single sweep whose loss fell.
    words : str
        One sentence for a person.
    """

    rule: RateRule
    rate: Floats
    curves: Floats
    loss: Floats
    suggestions: Mapping[str, float]
    singles: tuple[float, ...]
    words: str

    @property
    def chosen(self) -> float | None:
        """The rate to train with; None if no rate lowered the loss."""
        return self.suggestions.get(self.rule)

    @property
    def agree(self) -> bool:
        """Whether all single sweeps fall, and suggest rates within a factor of 3 of each other."""
        return len(self.singles) == len(self.curves) and _agree(self.singles)

    def row(self, phase: int) -> dict[str, Any]:
        """Make the row of ``history.jsonl``: plain values, null for a loss that is not finite."""
        return {
            "phase": phase,
            "do": "find_rate",
            "rate": self.rate.tolist(),
            "loss": _plain(self.loss),
            "curves": [_plain(curve) for curve in self.curves],
            "suggestions": dict(self.suggestions),
            "chosen": self.chosen,
            "agree": self.agree,
            "words": self.words,
        }


def suggest(rate: npt.ArrayLike, curves: npt.ArrayLike, rule: RateRule = "valley") -> Suggestions:
    """Read the curves of one or more sweeps over the same rates.

    Scaling all losses by one number changes nothing, nor does what a sweep holds after a loss that
    is not finite. The loss counts as lowered if the smoothed curve falls by more than 1 % and by
    more than four standard deviations of its noise, which the second differences tell.

    Parameters
    ----------
    rate : array_like of float, shape (n,)
        At least 4 rates, positive and increasing.
    curves : array_like of float, shape (s, n)
        Loss of the batch at each rate, a row a sweep; NaN or infinite from where it ended.
    rule : {"valley", "slide", "steep", "minimum"}

        - valley: midway along the longest fall of the curve.
        - slide: a window of 1.2 decades moves from the high end down while the curve's slope is
          greater at its upper than at its lower end by more than a threshold; its lower end then.
          Fastai's numbers are per step and per loss; here they are per decade and per fall of the
          whole curve, and a window whose slopes have changed order has arrived. A sweep that
          stops before the loss rises misleads it.
        - steep: where the loss falls fastest.
        - minimum: a tenth of the rate of least loss.

    Raises
    ------
    UsageError
        The shapes do not match, or the rates do not increase from above 0.

    Notes
    -----
    Slide is from Novak (2020), "Automated learning rate suggester", valley from ESRI's
    ``arcgis.learn``; fastai has both, beside the older two.
    """
    rate, curves = _checked(rate, curves)
    loss = np.median(_ended(curves), axis=0)
    fall = _smooth_fall(rate, loss)
    suggestions: dict[str, float] = {}
    if fall is not None:
        suggestions |= {name: read(*fall) for name, read in _RULES.items()}
    single_falls = [_smooth_fall(rate, curve) for curve in _ended(curves)]
    singles = tuple(_RULES[rule](*single) for single in single_falls if single is not None)
    words = _in_words(rule, rate, loss, suggestions, singles, len(curves))
    return Suggestions(rule, rate, curves, loss, suggestions, singles, words)


def _checked(rate: npt.ArrayLike, curves: npt.ArrayLike) -> tuple[Floats, Floats]:
    rate, curves = np.asarray(rate, np.float64), np.asarray(curves, np.float64)
    if rate.ndim != 1 or len(rate) < _FEWEST or curves.shape[1:] != rate.shape or not len(curves):
        raise UsageError(
            f"a sweep needs {_FEWEST} or more rates and curves of one loss each, "
            f"got {rate.shape} and {curves.shape}"
        )
    if not (np.isfinite(rate).all() and rate[0] > 0 and (np.diff(rate) > 0).all()):
        raise UsageError("rates of a sweep must increase from above 0")
    return rate, curves


def _ended(curves: Floats) -> Floats:
    """Set each curve to infinity from its first loss on that is not finite."""
    ended = np.logical_or.accumulate(~np.isfinite(curves), axis=1)
    return np.where(ended, np.inf, curves)


def _until_divergence(loss: Floats) -> int:
    """Count the points before the curve diverges."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(loss, 2, mode="edge"), 5)
    level = np.median(around, axis=1)
    far = level > _DIVERGED * np.minimum.accumulate(level)
    far |= np.isinf(level)
    return int(far.argmax()) if far.any() else len(loss)


def _smooth_fall(rate: Floats, loss: Floats) -> tuple[Floats, Floats] | None:
    """Return rates and smoothed loss before divergence; None if the loss does not fall there."""
    end = _until_divergence(loss)
    if end < _FEWEST:
        return None
    rate, loss = rate[:end], loss[:end]
    decades = np.log10(rate)
    kernel = np.exp(-0.5 * ((decades[:, None] - decades) / _WIDTH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    smooth = kernel @ loss
    # Second differences hold the noise of three points, and next to nothing of the curve.
    noise = 1.4826 * float(np.median(np.abs(np.diff(loss, 2)))) / np.sqrt(6)
    low = int(smooth.argmin())
    doubt = noise * float(np.linalg.norm(kernel[0] - kernel[low]))
    fall = float(smooth[0] - smooth[low])
    if fall <= _LEAST_FALL * abs(smooth[0]) or fall <= _NOISES * doubt:
        return None
    return rate, smooth


def _valley(rate: Floats, loss: Floats) -> float:
    # The longest decreasing subsequence that ends at each point, counted in points.
    length = np.ones(len(loss), np.int64)
    for i in range(1, len(loss)):
        length[i] += length[:i][loss[:i] > loss[i]].max(initial=0)
    end = int(length.argmax())
    third = int(length[end]) / 3
    return float(rate[end - int(length[end]) + int(third) + int(third / 2)])


def _slide(rate: Floats, loss: Floats) -> float:
    decades = np.log10(rate)
    slope = np.gradient(loss, decades) / float(loss[0] - loss.min())
    lower = decades - _SLIDE_SPAN
    windows = np.flatnonzero(lower >= decades[0])
    if not len(windows):
        return float(rate[0])
    steeper = (slope - np.interp(lower, decades, slope))[windows]
    arrived = windows[steeper <= _SLIDE_SLOPE]
    return float(10 ** lower[arrived[-1] if len(arrived) else windows[0]])


def _steep(rate: Floats, loss: Floats) -> float:
    return float(rate[(np.diff(loss) / np.diff(np.log(rate))).argmin()])


def _minimum(rate: Floats, loss: Floats) -> float:
    return float(rate[loss.argmin()]) / MINIMUM_DIVISOR


_RULES: Mapping[RateRule, Callable[[Floats, Floats], float]] = {
    "valley": _valley,
    "slide": _slide,
    "steep": _steep,
    "minimum": _minimum,
}


def _agree(rates: Sequence[float]) -> bool:
    return max(rates) <= _FACTOR * min(rates)


def _in_words(
    rule: RateRule,
    rate: Floats,
    loss: Floats,
    suggestions: Mapping[str, float],
    singles: Sequence[float],
    sweeps: int,
) -> str:
    end = _until_divergence(loss)
    if not suggestions:
        what = "no rate of this sweep lowered the loss"
        if end < len(rate):
            return f"{what}; it diverged from {rate[end]:.2g} on: try a smaller low"
        return f"{what}; try a greater high, or open more of the network"
    chosen = f"{rule} suggests a rate of {suggestions[rule]:.2g}"
    if len(singles) < sweeps:
        return f"{chosen}, but {sweeps - len(singles)} of {sweeps} sweeps never fell: make more"
    if sweeps == 1:
        return f"{chosen}, by a single sweep"
    ends = f"{min(singles):.2g} to {max(singles):.2g}"
    if not _agree(singles):
        return f"{chosen}, but the {sweeps} sweeps disagree ({ends}): make more of them"
    return f"{chosen}, and the {sweeps} sweeps agree ({ends})"


def _plain(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
