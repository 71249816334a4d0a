"""The default head for photos with several labels: one logistic regression a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Progress
from ._head import Head
from ._logistic import L2_GRID, balanced_weights, fit_logistic

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["LabelsFit", "fit_labels"]


@dataclass(frozen=True)
class LabelsFit:
    """A fitted head with one output a label, and its cross-validated logits.

    Attributes
    ----------
    head : Head
        Its logits are the log odds of each label.
    l2 : list of float
        L2 strength of each label.
    logits : ndarray of float64, shape (n, K)
        Log odds out-of-fold, each fold's under strengths chosen on the other folds.
    rows : list of dict
        One for each label and strength tried: ``label``, ``l2``, ``log_loss``, ``iterations``.
    """

    head: Head
    l2: list[float]
    logits: Floats
    rows: list[dict[str, Any]]


def fit_labels(
    features: npt.NDArray[np.float32],
    targets: npt.NDArray[np.bool_],
    fold: Ints,
    *,
    classes: Sequence[str],
    sample_weights: Floats | None = None,
    balanced: bool = False,
    grid: Sequence[float] = L2_GRID,
    progress: Progress | None = None,
) -> LabelsFit:
    """Fit each label against its absence, as `fit_logistic` does for two classes.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
    targets : ndarray of bool, shape (n, K)
    fold : ndarray of int64, shape (n,)
        Fold of each photo; no fold holds all photos with a label, or all without it.
    classes : sequence of str, length K
        Names of the labels.
    sample_weights : ndarray of float64, shape (n,), optional
    balanced : bool
        Whether, for each label, photos with and without it count the same in all.
    grid : sequence of float
    progress : callable, optional

    Raises
    ------
    RecipeError
        The grid is empty or not positive.
    """
    plain = np.ones(len(targets)) if sample_weights is None else sample_weights
    fits = []
    for number, carried in enumerate(targets.T):
        labels = carried.astype(np.int64)
        fits.append(
            fit_logistic(
                features,
                labels,
                fold,
                n_classes=2,
                sample_weights=plain * balanced_weights(labels, 2) if balanced else plain,
                grid=grid,
                progress=None if progress is None else _of_all(progress, number, targets.shape[1]),
            )
        )
    # Two classes have logits of -z/2 and z/2, so their difference is the log odds z.
    weights = np.column_stack([fit.head.weights[:, 1] - fit.head.weights[:, 0] for fit in fits])
    bias = np.array([fit.head.bias[1] - fit.head.bias[0] for fit in fits], np.float32)
    named = zip(classes, fits, strict=True)
    return LabelsFit(
        Head.linear(weights, bias),
        [fit.l2 for fit in fits],
        np.column_stack([fit.logits[:, 1] - fit.logits[:, 0] for fit in fits]),
        [{"label": name, **row} for name, fit in named for row in fit.rows],
    )


def _of_all(progress: Progress, number: int, count: int) -> Progress:
    """Report the progress of one label's fit as a part of the progress of all."""
    return lambda what, done, total: progress(what, number * total + done, count * total)
