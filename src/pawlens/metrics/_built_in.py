"""The metrics of one label a photo that every run has, but for the area under the ROC curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Answers
from ._interval import (
    Floats,
    Interval,
    Ints,
    mean_of_intervals,
    tell_little,
    widest,
    wilson,
)
from ._metric import MeanMetric, SumMetric
from ._one_label import loss_range, photo_losses

__all__ = [
    "CALIBRATION_BINS",
    "Accuracy",
    "BalancedAccuracy",
    "Brier",
    "CalibrationError",
    "LogLoss",
]

CALIBRATION_BINS = 15


class LogLoss(MeanMetric):
    """The log loss (natural logarithm)."""

    title = "Log loss"
    meaning = (
        "How far the probabilities are from the truth; confident errors cost most. 0 is perfect."
    )

    def values(self, answers: Answers) -> Floats:
        """The loss of each photo."""
        return photo_losses(answers.y, answers.proba)

    def bounds(self, answers: Answers) -> tuple[float, float]:
        """The least and the largest loss that the given probabilities could have cost."""
        return loss_range(answers.proba)


class Accuracy(MeanMetric):
    """The share of photos whose most probable class is the true one."""

    title = "Accuracy"
    meaning = "How many answers out of a hundred are right."
    share = True
    least, most = 0.0, 1.0

    def values(self, answers: Answers) -> Any:
        """Whether each answer is right, as 1 or 0."""
        return answers.right


class BalancedAccuracy(SumMetric):
    """The mean recall of the classes that occur."""

    title = "Balanced accuracy"
    meaning = "The same, with every class counting alike, however many photos it has."
    share = True
    least, most = 0.0, 1.0

    def columns(self, answers: Answers) -> Any:
        """The photos of each class, then those of each class that were answered right."""
        from scipy import sparse

        k, rows = answers.proba.shape[1], np.arange(len(answers))
        values = np.concatenate([np.ones(len(answers)), answers.right])
        at = np.tile(rows, 2), np.concatenate([answers.y, k + answers.y])
        return sparse.csr_array((values, at), shape=(len(answers), 2 * k))

    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        """The mean recall of the classes that occur in each sample."""
        counts, hits = np.hsplit(sums, 2)
        recall = np.divide(hits, counts, out=np.zeros_like(hits), where=counts > 0)
        return np.asarray(recall.sum(axis=1) / (counts > 0).sum(axis=1))

    def interval(self, value: float, draws: Floats, answers: Answers) -> Interval:
        """The interval of the draws, joined with the classes' (Wilson) where those tell little."""
        y, units = answers.y, answers.units
        recalls, told = [], True
        for c in np.unique(y):
            mine = y == c
            count, share = units.count(mine), float(answers.right[mine].mean())
            low, high = wilson(share * count, count)
            recalls.append(Interval(share, float(low), float(high)))
            told &= 0 < share < 1 and not tell_little(draws, count)
        mean = float(np.mean([recall.value for recall in recalls]))
        drawn = super().interval(mean, draws, answers)
        return drawn if told else widest(drawn, mean_of_intervals(recalls))


class Brier(MeanMetric):
    """The Brier score: with two classes the last's, 0 to 1; with more the sum, 0 to 2."""

    title = "Brier score"
    meaning = "The squared distance between probability and truth. 0 is perfect."

    def values(self, answers: Answers) -> Floats:
        """The squared distance of each photo."""
        return _briers(answers.y, answers.proba)

    def bounds(self, answers: Answers) -> tuple[float, float]:
        """The least and the largest distance that the given probabilities could have."""
        best, worst = answers.proba.argmax(axis=1), answers.proba.argmin(axis=1)
        least, most = _briers(best, answers.proba).min(), _briers(worst, answers.proba).max()
        return float(least), float(most)


class CalibrationError(SumMetric):
    """The expected calibration error of the top class (Guo et al. 2017).

    The mean over photos of |accuracy - mean confidence| of the photo's bin. There are 15 bins of
    equal mass (Nixon et al. 2019); equal confidences share a bin. Noise can only raise it, so its
    draws are shifted until their mean is the value.
    """

    title = "Calibration error"
    meaning = (
        "How far “90 % sure” is from being right 90 % of the time, on average over 15 groups of "
        "equally many photos, from unsure to sure."
    )
    share = True
    least, most = 0.0, 1.0

    def columns(self, answers: Answers) -> Any:
        """A column of ones, then for each bin right answers (1 or 0) less their confidence."""
        from scipy import sparse

        shares = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
        edges = np.quantile(answers.confidence, shares)
        bins = np.searchsorted(np.unique(edges), answers.confidence)
        values = np.concatenate([np.ones(len(answers)), answers.right - answers.confidence])
        at = np.tile(np.arange(len(answers)), 2), np.concatenate([np.zeros_like(bins), 1 + bins])
        return sparse.csr_array((values, at), shape=(len(answers), 1 + CALIBRATION_BINS))

    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        """The mean gap between accuracy and confidence."""
        return np.asarray(np.abs(sums[:, 1:]).sum(axis=1) / sums[:, 0])

    def interval(self, value: float, draws: Floats, answers: Answers) -> Interval:
        """The interval of the draws, without what noise adds to them."""
        centred = np.clip(draws - draws.mean() + value, 0.0, 1.0)
        return super().interval(value, centred, answers)


def _briers(y: Ints, proba: Floats) -> Floats:
    squares = np.einsum("nk,nk->n", proba, proba) + 1 - 2 * proba[np.arange(len(y)), y]
    briers: Floats = np.maximum(squares, 0.0) / (2 if proba.shape[1] == 2 else 1)
    return briers
