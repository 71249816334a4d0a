"""The calibration of probabilities, so that they mean what they say.

Temperature scaling divides the logits by one number; clipping keeps probabilities off 0 and 1,
where one confident error costs more than all the rest. Both are chosen on out-of-fold logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ._interval import Floats, Ints
from ._one_label import photo_losses

__all__ = [
    "CLIP_GRID",
    "Calibration",
    "apply_clip",
    "apply_temperature",
    "calibrate_out_of_fold",
    "choose_clip",
    "clip_sweep",
    "fit_temperature",
]

CLIP_GRID = (0.0, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05)
_TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True)
class Calibration:
    """A temperature and a clip that turn logits into probabilities, and what they gave.

    Attributes
    ----------
    temperature, clip : float
        Fitted on all out-of-fold logits: these ship with the model.
    proba : ndarray of float64, shape (n, K)
        Probabilities of each fold, calibrated by the temperature and clip of the other folds: no
        number shown has seen its own photo.
    sweep : list of dict
        Log loss at each clip value after the shipped temperature, as from `clip_sweep`.
    logits : ndarray of float64, shape (n, K)
        The logits behind `proba`, divided by the temperature that ships.
    """

    temperature: float
    clip: float
    proba: Floats
    sweep: list[dict[str, float]]
    logits: Floats

    def probabilities(self, logits: Floats) -> Floats:
        """Compute probabilities float64 (n, K) of other logits, by the values that ship."""
        return apply_clip(apply_temperature(logits, self.temperature), self.clip)


def fit_temperature(y: Ints, logits: Floats) -> float:
    """Find the temperature that minimises log loss (Guo et al. 2017).

    It is searched between 0.05 and 20. Following Platt (1999), one imagined photo of unknown class
    stands beside the n real ones, so that logits without a single error do not call for certainty.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    logits : ndarray of float, shape (n, K)
        Logits of a model that did not train on the photo.
    """
    from scipy.optimize import minimize_scalar

    logits = np.asarray(logits, np.float64)
    n = len(y)
    true = logits[np.arange(n), y]
    # Relative to the largest logit, the exponentials are safe at every temperature.
    top = logits.max(axis=1, keepdims=True)
    rest, true = logits - top, true - top[:, 0]
    target = (n * true + rest.mean(axis=1)) / (n + 1)

    def loss(log_t: float) -> float:
        t = np.exp(log_t)
        return float(np.mean(np.log(np.exp(rest / t).sum(axis=1)) - target / t))

    best = minimize_scalar(loss, bounds=tuple(np.log(_TEMPERATURES)), method="bounded")
    return float(np.exp(best.x))


def apply_temperature(logits: Floats, temperature: float) -> Floats:
    """Compute the softmax of ``logits / temperature``, float64 (n, K)."""
    scaled = np.asarray(logits, np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    proba: Floats = powers / powers.sum(axis=1, keepdims=True)
    return proba


def apply_clip(proba: Floats, clip: float) -> Floats:
    """Limit probabilities to ``[clip, 1 - clip]``, then scale them so that rows sum to 1.

    Raises
    ------
    UsageError
        `clip` is not in ``0 <= clip < 1 / K``: beyond that all classes come out alike.
    """
    k = proba.shape[1]
    if not 0 <= clip < 1 / k:
        raise UsageError(
            f"clip is {clip:g}, for {k} classes it must be 0 or more and below {1 / k:g}"
        )
    limited = np.clip(np.asarray(proba, np.float64), clip, 1 - clip)
    result: Floats = limited / limited.sum(axis=1, keepdims=True)
    return result


def clip_sweep(y: Ints, proba: Floats, grid: Sequence[float] = CLIP_GRID) -> list[dict[str, float]]:
    """Measure the log loss at each clip value that the number of classes allows.

    Returns
    -------
    list of dict
        Rows ``{"clip": ..., "log_loss": ...}`` in the order of `grid`.
    """
    return [
        {"clip": clip, "log_loss": float(photo_losses(y, apply_clip(proba, clip)).mean())}
        for clip in grid
        if clip < 1 / proba.shape[1]
    ]


def choose_clip(y: Ints, proba: Floats, grid: Sequence[float] = CLIP_GRID) -> float:
    """Choose the clip value with the smallest log loss; of equals, the first in the grid."""
    return min(clip_sweep(y, proba, grid), key=lambda row: row["log_loss"])["clip"]


def calibrate_out_of_fold(
    y: Ints,
    logits: Floats,
    fold: Ints,
    *,
    clip: Literal["auto"] | float,
    left_out: npt.NDArray[np.bool_] | None = None,
) -> Calibration:
    """Fit temperature and clip on out-of-fold logits, and apply them across folds.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    logits : ndarray of float, shape (n, K)
        Out-of-fold logits: those of heads that did not train on the photo.
    fold : ndarray of int64, shape (n,)
        The fold of each photo; at least two folds.
    clip : "auto" or float
        The clip; ``"auto"`` chooses it by a sweep.
    left_out : ndarray of bool, shape (F + 1, n), optional
        Photos with suspect labels, when each fold is held out and, in the last row, in all. The
        temperature is fitted without them; the clip, which guards against wrong labels, on all.

    Raises
    ------
    UsageError
        There are fewer than two folds, or a given clip is out of range.
    """
    folds = np.unique(fold)
    if len(folds) < 2:
        raise UsageError("out-of-fold calibration needs at least 2 folds, got 1: split into more")
    proba = np.empty(logits.shape, np.float64)
    kept = np.ones((int(folds.max()) + 2, len(y)), bool) if left_out is None else ~left_out
    for one in folds:
        others, own = fold != one, fold == one
        temperature, limit = _fit(y[others], logits[others], clip, kept[one, others])
        proba[own] = apply_clip(apply_temperature(logits[own], temperature), limit)
    temperature, limit = _fit(y, logits, clip, kept[-1])
    grid = sorted({*CLIP_GRID, limit})
    sweep = clip_sweep(y, apply_temperature(logits, temperature), grid)
    return Calibration(temperature, limit, proba, sweep, np.asarray(logits / temperature))


def _fit(
    y: Ints, logits: Floats, clip: Literal["auto"] | float, kept: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    temperature = fit_temperature(y[kept], logits[kept])
    if clip == "auto":
        return temperature, choose_clip(y, apply_temperature(logits, temperature))
    return temperature, clip
