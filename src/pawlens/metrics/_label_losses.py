"""The log loss of photos with several labels, and how much two models differ in it."""

from __future__ import annotations

import numpy as np

from ._interval import Floats, Interval, Ints
from ._label_rules import Bools
from ._one_label import gap_range, mean_interval

__all__ = ["label_difference", "label_loss_range", "label_losses"]

_EPS = float(np.finfo(np.float64).eps)


def label_losses(targets: Bools, proba: Floats) -> Floats:
    """Compute the log loss of each photo and label, float64 (n, K); P stays 2.2e-16 off 0 and 1."""
    truth = np.where(targets, proba, 1 - proba)
    losses: Floats = -np.log(np.clip(truth, _EPS, 1 - _EPS))
    return losses


def label_loss_range(proba: Floats) -> tuple[float, float]:
    """Tell the mean loss if all photos had the likeliest, or the unlikeliest labels."""
    best, worst = (label_losses(likely, proba) for likely in (proba >= 0.5, proba < 0.5))
    return float(best.mean()), float(worst.mean())


def label_difference(
    targets: Bools, proba: Floats, other: Floats, *, seed: int = 0, groups: Ints | None = None
) -> Interval:
    """Measure the paired difference in mean log loss: first probabilities (n, K) less second.

    See `paired_difference`, which does so for one label a photo.
    """
    given, missing, seen = (
        label_losses(labels, proba) - label_losses(labels, other)
        for labels in (np.ones_like(targets), np.zeros_like(targets), targets)
    )
    best, worst = (of(given, missing).mean(axis=1) for of in (np.minimum, np.maximum))
    gain = seen.mean(axis=1)
    ranges = label_loss_range(proba), label_loss_range(other)
    ends = gap_range(gain, best, worst, ranges, groups)
    return mean_interval(gain, least=ends[0], most=ends[1], seed=seed, groups=groups)
