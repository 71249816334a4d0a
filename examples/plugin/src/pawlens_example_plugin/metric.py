"""Three metrics: a mean over photos, a function of sums over photos, and a plain function."""

from __future__ import annotations

import numpy as np

from pawlens.plugins import Answers, MeanMetric, SumMetric

__all__ = ["Matthews", "TopTwo", "typical_loss"]


class TopTwo(MeanMetric):
    """The share of photos whose true class is among the two most probable ones."""

    title = "Top-2 accuracy"
    meaning = "How many true classes out of a hundred are first or second among the answers."
    share = True
    least, most = 0.0, 1.0

    def values(self, answers: Answers) -> np.ndarray:
        """Whether fewer than two classes are more probable than the true one."""
        own = answers.proba[np.arange(len(answers)), answers.y]
        return (answers.proba > own[:, None]).sum(axis=1) < 2


class Matthews(SumMetric):
    """The correlation of true classes and answers (Matthews 1975; Gorodkin 2004)."""

    title = "Matthews correlation"
    meaning = "How far answers and truth agree beyond chance. 1 is perfect, 0 is guessing."
    least, most = -1.0, 1.0

    def columns(self, answers: Answers) -> np.ndarray:
        """One column for each cell of the confusion matrix, row by row: [n, K * K]."""
        k = answers.proba.shape[1]
        return np.eye(k * k)[answers.y * k + answers.answer]

    def of_sums(self, sums: np.ndarray, answers: Answers) -> np.ndarray:
        """NaN where all photos, or all answers, are of one class."""
        k = answers.proba.shape[1]
        counts = sums.reshape(-1, k, k)
        true, answered, n = counts.sum(axis=2), counts.sum(axis=1), counts.sum(axis=(1, 2))
        right = np.trace(counts, axis1=1, axis2=2)
        covariance = right * n - (true * answered).sum(axis=1)
        spread = (n**2 - (true**2).sum(axis=1)) * (n**2 - (answered**2).sum(axis=1))
        unknown = np.full(len(sums), np.nan)
        return np.divide(covariance, np.sqrt(spread), out=unknown, where=spread > 0)


def typical_loss(y: np.ndarray, proba: np.ndarray) -> float:
    """The median loss of a photo: unlike the mean, a few bad answers do not move it."""
    own = proba[np.arange(len(y)), y]
    return float(np.median(-np.log(np.clip(own, 1e-15, 1))))
