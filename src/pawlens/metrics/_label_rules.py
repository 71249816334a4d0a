"""Rules that turn log odds into answers, label by label: temperature, clip, threshold.

Each label is a problem of its own with two outcomes, so each has its own temperature, clip and
threshold, found as those of two classes are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ._calibration import apply_clip, apply_temperature, choose_clip, fit_temperature
from ._interval import Floats, Ints

__all__ = [
    "LabelCalibration",
    "LabelRules",
    "as_pairs",
    "best_threshold",
    "calibrate_labels",
    "fit_rules",
]

Bools = npt.NDArray[np.bool_]
Auto = Literal["auto"]


@dataclass(frozen=True)
class LabelRules:
    """Rules by which log odds become probabilities, and probabilities labels.

    Attributes
    ----------
    temperature, clip, threshold : tuple of float, length K
        Values of each label. A photo is given a label whose probability reaches the threshold.
    """

    temperature: tuple[float, ...]
    clip: tuple[float, ...]
    threshold: tuple[float, ...]

    def probabilities(self, logits: Floats) -> Floats:
        """Compute probabilities float64 (n, K) of log odds (n, K); rows do not sum to 1."""
        columns = zip(np.asarray(logits, np.float64).T, self.temperature, self.clip, strict=True)
        return np.column_stack(
            [apply_clip(apply_temperature(_both(z), t), c)[:, 1] for z, t, c in columns]
        )

    def answers(self, proba: Floats) -> Bools:
        """Tell which labels are given, bool (n, K)."""
        given: Bools = proba >= np.array(self.threshold)
        return given

    def as_json(self) -> dict[str, Any]:
        """Return the values by name, for metadata and ``metrics.json``."""
        return {name: list(values) for name, values in self.__dict__.items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LabelRules:
        """Read what `as_json` gave."""
        return cls(**{name: tuple(map(float, values)) for name, values in data.items()})


@dataclass(frozen=True)
class LabelCalibration:
    """The rules that ship, and what rules found without a photo's fold say of it.

    Attributes
    ----------
    rules : LabelRules
        Rules found on all photos.
    proba : ndarray of float64, shape (n, K)
        Probabilities of each fold by the rules of the other folds.
    answers : ndarray of bool, shape (n, K)
        Labels that those rules give.
    """

    rules: LabelRules
    proba: Floats
    answers: Bools

    def probabilities(self, logits: Floats) -> Floats:
        """Compute probabilities float64 (n, K) of other log odds, by the rules that ship."""
        return self.rules.probabilities(logits)


def fit_rules(
    targets: Bools, logits: Floats, *, clip: Auto | float, threshold: Auto | float
) -> LabelRules:
    """Find temperature, clip and threshold of each label.

    Parameters
    ----------
    targets : ndarray of bool, shape (n, K)
        The true labels; each is on some photos and not on all.
    logits : ndarray of float64, shape (n, K)
        Log odds from a model that did not train on the photo.
    clip, threshold : "auto" or float
        One value for all labels; ``"auto"`` finds the clip of least log loss, and the
        `best_threshold`.
    """
    found = []
    for carried, z in zip(targets.T, logits.T, strict=True):
        y = carried.astype(np.int64)
        temperature = fit_temperature(y, _both(z))
        proba = apply_temperature(_both(z), temperature)
        limit = choose_clip(y, proba) if clip == "auto" else clip
        limited = apply_clip(proba, limit)[:, 1]
        cut = best_threshold(carried, limited) if threshold == "auto" else threshold
        found.append((temperature, limit, cut))
    return LabelRules(*zip(*found, strict=True))


def calibrate_labels(
    targets: Bools, logits: Floats, fold: Ints, *, clip: Auto | float, threshold: Auto | float
) -> LabelCalibration:
    """Find rules on out-of-fold log odds, and apply them across folds.

    Parameters are those of `fit_rules`, with the fold of each photo, int64 (n,).

    Raises
    ------
    UsageError
        There are fewer than two folds.
    """
    folds = np.unique(fold)
    if len(folds) < 2:
        raise UsageError("out-of-fold calibration needs at least 2 folds, got 1: split into more")
    proba, answers = np.empty(logits.shape), np.empty(logits.shape, bool)
    for one in folds:
        own, others = fold == one, fold != one
        rules = fit_rules(targets[others], logits[others], clip=clip, threshold=threshold)
        proba[own] = rules.probabilities(logits[own])
        answers[own] = rules.answers(proba[own])
    return LabelCalibration(
        fit_rules(targets, logits, clip=clip, threshold=threshold), proba, answers
    )


def best_threshold(carried: Bools, proba: Floats) -> float:
    """Find the threshold with the largest F1, half way between two probabilities.

    Of equals the one nearest to 0.5 is taken.

    Parameters
    ----------
    carried : ndarray of bool, shape (n,)
        Whether each photo has the label.
    proba : ndarray of float64, shape (n,)
        Probability of the label.
    """
    levels, level = np.unique(proba, return_inverse=True)
    positives = np.bincount(level[carried], minlength=len(levels))
    counts = np.bincount(level, minlength=len(levels))
    hits, given = np.cumsum(positives[::-1])[::-1], np.cumsum(counts[::-1])[::-1]
    f1 = 2 * hits / (given + carried.sum())  # when all from a level upwards are given the label
    # Each cut may lie anywhere between its level and the one below; 0.5 itself where that is there.
    below = np.insert(levels[:-1], 0, 0.0)
    cuts = np.where((below < 0.5) & (levels >= 0.5), 0.5, (below + levels) / 2)
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(cuts[best[np.argmin(np.abs(cuts[best] - 0.5))]])


def as_pairs(proba: Floats) -> Floats:
    """Return probabilities float64 (n, 2) of a label's absence and presence."""
    return np.column_stack([1 - proba, proba])


def _both(z: Floats) -> Floats:
    """Return log odds (n,) as the logits (n, 2) of two classes."""
    return np.column_stack([-z, z]) / 2
