"""The metrics of one label a photo that every run has, but for the area under the ROC curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Answers
from ._interval import (
    Floats,
    Interval,
    Ints,
    bounded_interval,
    clopper_pearson,
    mean_of_intervals,
    widest,
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
        """What the photos would cost with the likeliest, and with the unlikeliest labels."""
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

    def interval(self, value: float, draws: Floats, answers: Answers) -> Interval:
        """The exact interval where every photo is a piece of its own, else that of the draws."""
        if answers.groups is not None:
            return super().interval(value, draws, answers)
        low, high = clopper_pearson(answers.right.sum(), len(answers))
        return Interval(value, float(low), float(high))


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

    def measure_sums(self, whole: Floats, drawn: Floats, answers: Answers) -> Interval | None:
        """Join the intervals of the classes' recalls, since each may miss rare errors of its own.

        The draws know what the classes have in common, and are not left out.
        """
        counts, hits = np.hsplit(drawn, 2)
        recalls = [
            bounded_interval(
                float(answers.right[answers.y == c].mean()),
                hits[:, c] / counts[:, c],
                answers.units.count(answers.y == c),
                least=0.0,
                most=1.0,
            )
            for c in np.unique(answers.y)
        ]
        joined = mean_of_intervals(recalls, freedom=answers.count_units() - len(recalls))
        draws = self.of_sums(drawn, answers)
        unmixed = bounded_interval(joined.value, draws, 1.0, least=-np.inf, most=np.inf)
        found = widest(joined, unmixed)
        return Interval(found.value, max(found.low, 0.0), min(found.high, 1.0))


class Brier(MeanMetric):
    """The Brier score: with two classes the last's, 0 to 1; with more the sum, 0 to 2."""

    title = "Brier score"
    meaning = "The squared distance between probability and truth. 0 is perfect."

    def values(self, answers: Answers) -> Floats:
        """The squared distance of each photo."""
        return _briers(answers.y, answers.proba)

    def bounds(self, answers: Answers) -> tuple[float, float]:
        """The score if all photos had the likeliest, and the unlikeliest labels."""
        best, worst = answers.proba.argmax(axis=1), answers.proba.argmin(axis=1)
        least, most = _briers(best, answers.proba).mean(), _briers(worst, answers.proba).mean()
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

    def measure_sums(self, whole: Floats, drawn: Floats, answers: Answers) -> Interval | None:
        """Allow for as much noise as the draws have, and for an error that was not seen.

        Upwards the draws are shifted by what noise adds to them. Downwards the value loses all that
        noise can add to it: the triangle inequality bounds it by the summed noise of the bins.
        """
        value = float(self.of_sums(whole, answers)[0])
        gaps = drawn[:, 1:] / drawn[:, :1]
        draws = np.abs(gaps).sum(axis=1)
        noise = np.abs(gaps - whole[:, 1:] / whole[:, :1]).sum(axis=1)
        units = answers.count_units()
        upper = bounded_interval(value, draws - draws.mean() + value, units, least=0.0, most=1.0)
        added = bounded_interval(0.0, noise, units, least=0.0, most=1.0).high
        return Interval(value, max(0.0, value - added), min(1.0, upper.high))


def _briers(y: Ints, proba: Floats) -> Floats:
    squares = np.einsum("nk,nk->n", proba, proba) + 1 - 2 * proba[np.arange(len(y)), y]
    briers: Floats = np.maximum(squares, 0.0) / (2 if proba.shape[1] == 2 else 1)
    return briers
