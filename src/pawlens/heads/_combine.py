"""Ensembles: the probabilities of several models combined, by weights fitted on other photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

__all__ = ["LEAST_PROBABILITY", "CombineMethod", "Combiner", "combine_out_of_fold", "fit_combiner"]

CombineMethod = Literal["blend", "greedy", "stack"]

LEAST_PROBABILITY = 1e-6
"""What a combiner takes a smaller probability for, so that its logarithm is finite in float32."""

_ROUNDS = 50
_STEPS = 2000
_STEADY = 1e-9
_RIDGE = 1e-3  # of the biases; a class without an error would need an infinite one
_PRIOR = 0.5  # by n: weights less equal ones, and biases, have a standard deviation of 1


@dataclass(frozen=True)
class Combiner:
    """The combination of M models to one.

    Attributes
    ----------
    method : {"blend", "greedy", "stack"}
    weights : ndarray of float64, shape (M,)
        Weight of each model, 0 or more. They sum to 1 except for ``stack``.
    bias : ndarray of float64, shape (K,)
        Added to the logits of ``stack``; 0 otherwise.
    """

    method: CombineMethod
    weights: Floats
    bias: Floats

    def logits(self, proba: Floats) -> Floats:
        """Combine the models' probabilities, float64 (M, n, K), to logits, float64 (n, K).

        Logarithms of the weighted mean of the probabilities or, for ``stack``, the weighted sum of
        their logarithms and a bias.
        """
        safe = np.maximum(proba, LEAST_PROBABILITY)
        if self.method == "stack":
            return np.asarray(np.tensordot(self.weights, np.log(safe), 1) + self.bias)
        return np.asarray(np.log(np.tensordot(self.weights, safe, 1)))


def fit_combiner(
    proba: Floats, y: Ints, method: CombineMethod, photo_weights: Floats | None = None
) -> Combiner:
    """Fit the weights of an ensemble by log loss.

    ``blend``: weights on the simplex of least log loss, found by expectation maximisation, which
    reaches the one minimum. ``greedy``: models are added one by one, any of them again, whichever
    helps most (Caruana et al. 2004); the weights are how often each was taken at the best moment.
    ``stack``: logistic regression on the models' log-probabilities (Wolpert 1992), one weight, 0 or
    more (Breiman 1996), for each model and one bias for each class. Few photos that are all
    answered right would call for infinite weights; a Gaussian prior around equal shares holds them.

    Parameters
    ----------
    proba : ndarray of float64, shape (M, n, K)
        Probabilities of photos that the models did not train on.
    y : ndarray of int64, shape (n,)
    method : {"blend", "greedy", "stack"}
    photo_weights : ndarray of float64, shape (n,), optional
        How much each photo counts; for ``stack``.
    """
    safe = np.maximum(proba, LEAST_PROBABILITY)
    nothing = np.zeros(proba.shape[2])
    if method == "stack":
        return _stacked(
            np.log(safe), y, np.ones(len(y)) if photo_weights is None else photo_weights
        )
    true = safe[:, np.arange(len(y)), y]
    return Combiner(method, _blended(true) if method == "blend" else _greedy(true), nothing)


def combine_out_of_fold(proba: Floats, y: Ints, fold: Ints, method: CombineMethod) -> Floats:
    """Combine out-of-fold: logits float64 (n, K), each fold's from weights fitted on the others.

    Parameters
    ----------
    proba, y, method
        Parameters of `fit_combiner`.
    fold : ndarray of int64, shape (n,)
        At least two folds; near-duplicates share one.
    """
    logits = np.empty(proba.shape[1:])
    for number in np.unique(fold):
        in_fold = fold == number
        logits[in_fold] = fit_combiner(proba[:, ~in_fold], y[~in_fold], method).logits(
            proba[:, in_fold]
        )
    return logits


def _blended(true: Floats) -> Floats:
    """Fit the weights float64 (M,) from the probabilities float64 (M, n) of the true classes."""
    weights = np.full(len(true), 1 / len(true))
    for _ in range(_STEPS):
        better = weights * (true / (weights @ true)).mean(axis=1)
        if np.abs(better - weights).max() < _STEADY:
            break
        weights = better
    return np.asarray(weights / weights.sum())


def _greedy(true: Floats) -> Floats:
    counts, total = np.zeros(len(true)), np.zeros(true.shape[1])
    best, least = counts, np.inf
    for size in range(1, _ROUNDS + 1):
        losses = -np.log((total + true) / size).mean(axis=1)
        chosen = int(losses.argmin())
        counts, total = counts.copy(), total + true[chosen]
        counts[chosen] += 1
        if losses[chosen] < least:
            best, least = counts, float(losses[chosen])
    return np.asarray(best / best.sum())


def _stacked(logs: Floats, y: Ints, photo_weights: Floats) -> Combiner:
    from scipy.optimize import minimize

    models, n, k = logs.shape
    share = photo_weights / photo_weights.sum()
    at, start = np.arange(n), np.concatenate([np.full(models, 1 / models), np.zeros(k)])
    pull = np.full(models + k, _PRIOR / n) + np.concatenate([np.zeros(models), np.full(k, _RIDGE)])

    def loss(values: Floats) -> tuple[float, Floats]:
        weights, bias = values[:models], values[models:]
        logits = np.tensordot(weights, logs, 1) + bias
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        total = powers.sum(axis=1)
        error = powers / total[:, None]
        value = float(share @ (np.log(total) - logits[at, y]) + pull @ (values - start) ** 2)
        error[at, y] -= 1
        error *= share[:, None]
        gradient = np.tensordot(logs, error, ((1, 2), (0, 1)))
        return value, np.concatenate([gradient, error.sum(axis=0)]) + 2 * pull * (values - start)

    bounds = [(0.0, None)] * models + [(None, None)] * k
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return Combiner("stack", np.asarray(result.x[:models]), np.asarray(result.x[models:]))
