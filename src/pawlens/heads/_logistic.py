"""The default head: logistic regression on standardised features, L2 chosen by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, tell
from ..errors import RecipeError
from ._head import Head
from ._solver import JointProblem, Solution

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

__all__ = [
    "L2_GRID",
    "LogisticFit",
    "balanced_weights",
    "fit_logistic",
    "log_losses",
    "refit_logistic",
    "two_columns",
]

L2_GRID = tuple(float(10**e) for e in np.arange(0.5, -5.25, -0.5))
"""Strengths tried, strongest first: multiples of half the squared norm of the weights."""

_PATIENCE = 1


@dataclass(frozen=True)
class LogisticFit:
    """A fitted head and its cross-validated logits.

    Attributes
    ----------
    head : Head
        Fitted on all photos with `l2`.
    l2 : float
        The strength with the smallest out-of-fold log loss.
    logits : ndarray of float64, shape (n, K)
        Out-of-fold logits. The strength behind the logits of a fold was chosen on the other folds,
        so that no photo had a part in the model or in the choice that predicts it.
    rows : list of dict
        One for each strength tried: ``l2``, ``log_loss`` (out-of-fold), ``iterations``.
    fold_l2 : list of float
        The strength behind the logits of each fold.
    """

    head: Head
    l2: float
    logits: Floats
    rows: list[dict[str, float]]
    fold_l2: list[float]

    def in_words(self) -> str:
        """Say what the head is, with its strength."""
        return f"logistic regression, L2 {self.l2:.3g}"


def fit_logistic(
    features: npt.NDArray[np.float32],
    labels: Ints,
    fold: Ints,
    *,
    n_classes: int,
    sample_weights: Floats | None = None,
    judged: npt.NDArray[np.bool_] | None = None,
    grid: Sequence[float] = L2_GRID,
    progress: Progress | None = None,
) -> LogisticFit:
    """Fit the default head.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Features of one backbone, or of several side by side.
    labels : ndarray of int64, shape (n,)
        Class numbers from 0.
    fold : ndarray of int64, shape (n,)
    n_classes : int
    sample_weights : ndarray of float64, shape (n,), optional
    judged : ndarray of bool, shape (n,), optional
        Photos whose losses choose the strength; all by default. The others train alone.
    grid : sequence of float
        L2 strengths, strongest first; the search ends when the loss rises.
    progress : callable, optional

    Raises
    ------
    RecipeError
        The grid is empty or not positive.
    """
    strengths = sorted(grid, reverse=True)
    if not strengths or min(strengths) <= 0:
        raise RecipeError("l2 must be a list of positive numbers")
    weights = np.ones(len(labels)) if sample_weights is None else sample_weights
    path = _Path(labels, weights if judged is None else weights * judged, fold)
    with JointProblem(features, labels, n_classes, _members(fold) * weights) as problem:
        solution = problem.start()
        for step, l2 in enumerate(strengths):
            solution = problem.solve(l2, solution)
            path.add(l2, solution)
            tell(progress, "fitting the head", step + 1, len(strengths))
            if step - path.best >= _PATIENCE:
                break
        tell(progress, "fitting the head", len(strengths), len(strengths))
        head = problem.head(path.solution, int(fold.max()) + 1)
    chosen = path.fold_choices()
    return LogisticFit(
        head,
        path.rows[path.best]["l2"],
        path.logits(chosen),
        path.rows,
        [path.rows[number]["l2"] for number in chosen],
    )


def refit_logistic(
    fit: LogisticFit,
    features: npt.NDArray[np.float32],
    labels: Ints,
    fold: Ints,
    left_out: npt.NDArray[np.bool_],
    *,
    n_classes: int,
    sample_weights: Floats | None = None,
    progress: Progress | None = None,
) -> LogisticFit:
    """Fit again without some photos, at the strengths of an earlier fit.

    Whether those photos help is then the only difference between the two.

    Parameters
    ----------
    fit : LogisticFit
        A fit on all photos, whose strengths are taken.
    features, labels, fold, n_classes, sample_weights, progress
        Parameters of `fit_logistic`.
    left_out : ndarray of bool, shape (F + 1, n)
        Photos that do not train when each fold is held out and, in the last row, in the final
        fit. Each is still answered, in its own fold.
    """
    weights = np.ones(len(labels)) if sample_weights is None else sample_weights
    strengths = sorted({fit.l2, *fit.fold_l2}, reverse=True)
    path = _Path(labels, weights, fold)
    members = _members(fold) & ~left_out
    with JointProblem(features, labels, n_classes, members * weights) as problem:
        solution = problem.start()
        for step, l2 in enumerate(strengths):
            solution = problem.solve(l2, solution)
            path.add(l2, solution)
            if l2 == fit.l2:
                head = problem.head(solution, int(fold.max()) + 1)
            tell(progress, "fitting the cleaned head", step + 1, len(strengths))
    chosen = [strengths.index(l2) for l2 in fit.fold_l2]
    return LogisticFit(head, fit.l2, path.logits(chosen), path.rows, fit.fold_l2)


class _Path:
    """The strengths tried so far, their out-of-fold logits and losses."""

    def __init__(self, labels: Ints, weights: Floats, fold: Ints) -> None:
        self._labels, self._weights, self._fold = labels, weights, fold
        self._logits: list[Floats] = []
        self._losses: list[Floats] = []
        self.rows: list[dict[str, float]] = []
        self.best = 0

    def add(self, l2: float, solution: Solution) -> None:
        self._logits.append(_out_of_fold(solution, self._fold))
        self._losses.append(log_losses(self._logits[-1], self._labels))
        mean = float(np.average(self._losses[-1], weights=self._weights))
        self.rows.append({"l2": l2, "log_loss": mean, "iterations": float(solution.iterations)})
        if mean <= self.rows[self.best]["log_loss"]:
            self.best, self.solution = len(self.rows) - 1, solution

    def fold_choices(self) -> list[int]:
        """Return, for each fold, the index of the strength that is best on the other folds."""
        losses = np.array(self._losses)
        chosen = []
        for fold in range(int(self._fold.max()) + 1):
            others = self._fold != fold
            chosen.append(int(np.argmin(losses[:, others] @ self._weights[others])))
        return chosen

    def logits(self, chosen: Sequence[int]) -> Floats:
        """Return out-of-fold logits float64 (n, K), each fold's under its chosen strength."""
        logits = np.array(self._logits, np.float64)
        return np.asarray(logits[np.array(chosen)[self._fold], np.arange(len(self._fold))])


def _members(fold: Ints) -> npt.NDArray[np.bool_]:
    """Return who trains when each fold is held out and, last, in the final fit, (F + 1, n)."""
    folds = np.arange(int(fold.max()) + 1)
    return np.vstack([fold != folds[:, None], np.ones(len(fold), bool)])


def balanced_weights(labels: Ints, n_classes: int) -> Floats:
    """Return weights float64 (n,) that balance the classes, with a mean of 1."""
    counts = np.bincount(labels, minlength=n_classes)
    return (len(labels) / (n_classes * counts))[labels]


def _out_of_fold(solution: Solution, fold: Ints) -> Floats:
    """Return the logits float64 (n, K) of every photo under the problem that left it out."""
    held_out = solution.logits[np.arange(len(fold)), fold].astype(np.float64)
    return two_columns(held_out)


def two_columns(logits: Floats) -> Floats:
    """Expand the solver's logits (n, K'), one column for two classes, to float64 (n, K)."""
    return np.hstack([-logits, logits]) / 2 if logits.shape[1] == 1 else logits


def log_losses(logits: Floats, labels: Ints) -> Floats:
    """Compute the log loss of each photo, float64 (n,)."""
    top = logits.max(axis=1)
    total = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
    return np.asarray(total - logits[np.arange(len(labels)), labels])
