"""Out-of-fold answers inside the training side of every fold: nested cross-validation.

To decide something about the photos that a fold's model trains on without that fold, each of them
needs an answer from a model that saw neither it nor the fold. For five folds these are the ten
models that leave out two folds each; all are solved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, tell
from ..errors import RecipeError
from ._logistic import L2_GRID, log_losses, two_columns
from ._solver import JointProblem

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

__all__ = ["nested_logits"]

_PATIENCE = 1
_INNER = 4  # parts into which the other folds are gathered


def nested_logits(
    features: npt.NDArray[np.float32],
    labels: Ints,
    fold: Ints,
    *,
    n_classes: int,
    sample_weights: Floats | None = None,
    grid: Sequence[float] = L2_GRID,
    progress: Progress | None = None,
) -> Floats:
    """Compute logits of every photo by models that saw neither the photo nor a given fold.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
    labels, fold : ndarray of int64, shape (n,)
    n_classes : int
    sample_weights : ndarray of float64, shape (n,), optional
    grid : sequence of float
        L2 strengths; each fold's is the best on the other folds.
    progress : callable, optional

    Returns
    -------
    ndarray of float64, shape (F, n, K)
        Logits; row f holds the answers without fold f, NaN for the photos of fold f themselves.

    Raises
    ------
    RecipeError
        There are fewer than three folds.
    """
    folds = int(fold.max()) + 1
    if folds < 3:
        raise RecipeError(f"folds = {folds}: cleaning looks inside the other folds; use 3 or more")
    weights = np.ones(len(labels)) if sample_weights is None else sample_weights
    problem_of, left_out = _problems(folds)
    strengths = sorted(grid, reverse=True)
    best = np.full((folds, len(labels), n_classes), np.nan)
    least, since = np.full(folds, np.inf), np.zeros(folds, np.int64)
    others = fold != np.arange(folds)[:, None]
    with JointProblem(features, labels, n_classes, ~left_out[:, fold] * weights) as problem:
        solution = problem.start()
        for step, l2 in enumerate(strengths):
            solution = problem.solve(l2, solution)
            for f in range(folds):
                rows = np.flatnonzero(others[f])
                held_out = solution.logits[rows, problem_of[f, fold[rows]]].astype(np.float64)
                logits = two_columns(held_out)
                loss = float(np.average(log_losses(logits, labels[rows]), weights=weights[rows]))
                since[f] += 1
                if loss <= least[f]:
                    least[f], since[f], best[f, rows] = loss, 0, logits
            tell(progress, "answers for cleaning", step + 1, len(strengths))
            if since.min() >= _PATIENCE:
                break
    tell(progress, "answers for cleaning", len(strengths), len(strengths))
    return best


def _problems(folds: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """List which problem answers fold g without fold f, (F, F), and what each leaves out, (P, F).

    Pairs are shared: the model without f and g answers g for f, and f for g.
    """
    number_of: dict[frozenset[int], int] = {}
    problem_of = np.full((folds, folds), -1, np.int64)
    for f in range(folds):
        rest = [g for g in range(folds) if g != f]
        for part in np.array_split(rest, min(_INNER, len(rest))):
            members = [int(g) for g in part]
            number = number_of.setdefault(frozenset({f, *members}), len(number_of))
            problem_of[f, members] = number
    left_out = np.zeros((len(number_of), folds), bool)
    for names, number in number_of.items():
        left_out[number, sorted(names)] = True
    return problem_of, left_out
