"""How unlike a cat or a dog a picture is: distance, doubt and what pictures of neither taught.

The score is a logistic regression on paw's features and two classic out-of-distribution scores:
the Mahalanobis distance to the nearer class (Lee et al. 2018), on the directions in which photos
vary most, and the doubt between the classes. Its folds are subjects: what is measured on horses
comes from a regression that saw no horse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pawlens.heads import LinearHead
from pawlens.heads._solver import JointProblem

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

DIRECTIONS = 64
L2_GRID = (1.0, 0.3, 0.1, 0.03, 0.01)


@dataclass(frozen=True)
class Geometry:
    """Where cats and dogs lie.

    Attributes
    ----------
    directions : ndarray of float32, shape (D, DIRECTIONS)
        Main directions within the classes, scaled so that photos vary by one along each.
    centres : ndarray of float32, shape (2, DIRECTIONS)
    """

    directions: Floats
    centres: Floats

    def distance(self, features: Floats) -> Floats:
        """Log of the mean squared distance to the nearer class, float32 [n]."""
        gaps = (features @ self.directions)[:, None] - self.centres
        return np.asarray(np.log((gaps**2).mean(axis=2).min(axis=1) + 1e-6), np.float32)


def fit_geometry(features: Floats, labels: Ints) -> Geometry:
    """Class means and shared main directions of unit features float32 [n, D]."""
    means = np.stack([features[labels == label].mean(axis=0) for label in (0, 1)])
    spread, axes = np.linalg.eigh(np.cov((features - means[labels]).T))
    chosen = np.argsort(spread)[::-1][:DIRECTIONS]
    directions = (axes[:, chosen] / np.sqrt(spread[chosen] + 1e-9)).astype(np.float32)
    return Geometry(directions, (means @ directions).astype(np.float32))


@dataclass(frozen=True)
class OutlierFit:
    """Regressions of every fold, and of all pictures.

    Attributes
    ----------
    heads : list of LinearHead
        ``heads[f]`` saw nothing of fold f; the last one saw everything.
    out_of_fold : ndarray of float64, shape (n,)
        Logit of *neither* of every picture from the regression that did not see its fold.
    l2 : float
    """

    heads: list[LinearHead]
    out_of_fold: npt.NDArray[np.float64]
    l2: float


def fit_outliers(inputs: Floats, neither: Ints, weights: Floats, fold: Ints) -> OutlierFit:
    """Fit with the L2 that is best out-of-fold.

    Parameters
    ----------
    inputs : ndarray of float32, shape (n, D + 2)
        Features, distance and doubt.
    neither : ndarray of int64, shape (n,)
    weights : ndarray of float32, shape (n,)
    fold : ndarray of int64, shape (n,)
        Of a picture of neither: its subject.
    """
    folds = int(fold.max()) + 1
    member = np.vstack([fold != f for f in range(folds)] + [np.ones(len(fold), bool)])
    rows = np.arange(len(fold))
    best: OutlierFit | None = None
    best_loss = np.inf
    with JointProblem(inputs, neither, 2, member * weights.astype(np.float64)) as problem:
        solution = problem.start()
        for l2 in L2_GRID:
            solution = problem.solve(l2, solution)
            logits = solution.logits[rows, fold, 0].astype(np.float64)
            losses = np.logaddexp(0, -logits * (2 * neither - 1))
            loss = float(np.average(losses, weights=weights))
            if loss < best_loss:
                heads = [problem.head(solution, f) for f in range(folds + 1)]
                best, best_loss = OutlierFit(heads, logits, l2), loss
    assert best is not None
    return best


def outlier_logits(head: LinearHead, inputs: Floats) -> npt.NDArray[np.float64]:
    """Logit of *neither*, float64 [n]."""
    both = head.logits(inputs)
    return np.asarray(both[:, 1] - both[:, 0])


def joined(features: Floats, *columns: Sequence[float] | Floats) -> Floats:
    """Features with more columns at their right, float32 [n, D + k]."""
    return np.column_stack([features, *columns]).astype(np.float32)
