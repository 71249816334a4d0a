"""A head for each backbone, and the weights of their answers: together one linear head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ._combine import Combiner, fit_combiner
from ._head import Head
from ._logistic import L2_GRID, fit_logistic

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["StackedFit", "fit_stacked"]


@dataclass(frozen=True)
class StackedFit:
    """Heads of several backbones that are weighted, and their cross-validated logits.

    Attributes
    ----------
    head : Head
        One linear head on the features of all backbones side by side.
    l2, weights : list of float
        Strength of the penalty of each backbone's head, and its weight, 0 or more.
    logits : ndarray of float64, shape (n, K)
        Out-of-fold logits. Strengths and weights behind those of a fold were chosen by answers to
        the other folds alone.
    rows : list of dict
        As those of `LogisticFit`, with the number of the ``backbone``.
    """

    head: Head
    l2: list[float]
    weights: list[float]
    logits: Floats
    rows: list[dict[str, float]]

    def in_words(self) -> str:
        """Say what the head is, with the strengths and weights."""
        strengths = ", ".join(f"{l2:.3g}" for l2 in self.l2)
        weights = ", ".join(f"{weight:.2f}" for weight in self.weights)
        return f"logistic regression on each backbone, L2 {strengths}, weighted {weights}"


def fit_stacked(
    features: npt.NDArray[np.float32],
    widths: Sequence[int],
    labels: Ints,
    fold: Ints,
    *,
    n_classes: int,
    sample_weights: Floats | None = None,
    grid: Sequence[float] = L2_GRID,
    progress: Progress | None = None,
) -> StackedFit:
    """Fit a head on the features of each backbone, and weights of their out-of-fold logits.

    A backbone has a penalty of its own, and one that says little does not draw weight off the
    others' features, as it may under one penalty (Wolpert 1992; Breiman 1996).

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Features of the backbones side by side.
    widths : sequence of int
        Number of features of each backbone; they add up to D.
    labels, fold, n_classes, sample_weights, grid, progress
        Parameters of `fit_logistic`.
    """
    from scipy.special import softmax

    edges = np.cumsum([0, *widths])
    fits = [
        fit_logistic(
            np.ascontiguousarray(features[:, start:end]),
            labels,
            fold,
            n_classes=n_classes,
            sample_weights=sample_weights,
            grid=grid,
            progress=progress,
        )
        for start, end in pairwise(edges)
    ]
    each = np.stack([fit.logits for fit in fits])
    proba = softmax(each, axis=-1)
    logits = np.empty(each.shape[1:])
    for number in np.unique(fold):
        held, seen = fold == number, fold != number
        weights = None if sample_weights is None else sample_weights[seen]
        combiner = fit_combiner(proba[:, seen], labels[seen], "stack", weights)
        logits[held] = _weighted(combiner, each[:, held])
    final = fit_combiner(proba, labels, "stack", sample_weights)
    shares = zip(final.weights, fits, strict=True)
    joined = np.vstack([np.float32(weight) * fit.head.weights for weight, fit in shares])
    bias = sum(w * fit.head.bias for w, fit in zip(final.weights, fits, strict=True)) + final.bias
    return StackedFit(
        Head.linear(joined.astype(np.float32), np.asarray(bias, np.float32)),
        [fit.l2 for fit in fits],
        final.weights.tolist(),
        logits,
        [{"backbone": float(n), **row} for n, fit in enumerate(fits) for row in fit.rows],
    )


def _weighted(combiner: Combiner, logits: Floats) -> Floats:
    """Compute logits float64 (n, K) of those of M heads, (M, n, K), as the joined head does."""
    return np.asarray(np.tensordot(combiner.weights, logits, 1) + combiner.bias)
