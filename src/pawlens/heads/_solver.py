"""Several regularised logistic regressions in one pass over the features.

The folds of a cross-validation share their matrix and differ only in which rows count. Solving
them together by L-BFGS (Liu and Nocedal 1989, by SciPy) turns the memory-bound matrix-vector
products of one fold into one matrix-matrix product for all, and the rows that a fold leaves out are
predicted by the same product. Standardisation is applied to the weights; the matrix is never
copied, and is read once for loss and gradient together, block by block.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import cores
from ._head import Head

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Floats32 = npt.NDArray[np.float32]

__all__ = ["JointProblem", "Solution"]

_MAX_ITERATIONS = 300
_BLOCK_ROWS = 512


@dataclass
class Solution:
    """The weights of all problems on standardised features, and the warm start of the next fit.

    Attributes
    ----------
    weights : ndarray of float64, shape (F, K', D)
        K' is 1 for two classes (the second against the first), else K.
    bias : ndarray of float64, shape (F, K')
    logits : ndarray of float32, shape (n, F, K')
        Logits of every photo under every problem, also of photos that the problem left out.
    iterations : int
    """

    weights: Floats
    bias: Floats
    logits: Floats32
    iterations: int


class JointProblem:
    """F weighted multinomial logistic regressions over the same features.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
    labels : ndarray of int64, shape (n,)
    n_classes : int
    sample_weights : ndarray of float64, shape (F, n)
        Weight of each photo in each problem; zero leaves it out.
    """

    def __init__(
        self,
        features: Floats32,
        labels: npt.NDArray[np.int64],
        n_classes: int,
        sample_weights: Floats,
    ) -> None:
        self._x = features
        self._outputs = 1 if n_classes == 2 else n_classes
        self._target = self._one_hot(labels)
        shares = sample_weights / sample_weights.sum(axis=1, keepdims=True)
        self._shares = np.ascontiguousarray(shares.T, np.float32)
        self._mean, self._scale = _moments(features, shares)
        self._blocks = [slice(i, i + _BLOCK_ROWS) for i in range(0, len(features), _BLOCK_ROWS)]
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="pawlens-head")

    def __enter__(self) -> JointProblem:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def start(self) -> Solution:
        """Return the starting point, with all weights zero."""
        folds, dim = self._mean.shape
        return Solution(
            np.zeros((folds, self._outputs, dim)),
            np.zeros((folds, self._outputs)),
            np.zeros((len(self._x), folds, self._outputs), np.float32),
            0,
        )

    def solve(self, l2: float, warm: Solution) -> Solution:
        """Minimise mean log loss + l2 / 2 x squared norm of the standardised weights."""
        from scipy.optimize import minimize
        from threadpoolctl import threadpool_limits

        shape = warm.weights.shape
        size = warm.weights.size

        def objective(theta: Floats) -> tuple[float, Floats]:
            weights, bias = theta[:size].reshape(shape), theta[size:].reshape(shape[:2])
            return self._evaluate(weights, bias, l2)

        start = np.concatenate([warm.weights.ravel(), warm.bias.ravel()])
        # The threads of BLAS wait for each other in a loop: ten times slower on a busy machine.
        with threadpool_limits(1, "blas"):
            optimum = minimize(
                objective,
                start,
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": _MAX_ITERATIONS, "ftol": 1e-8, "gtol": 1e-6, "maxcor": 10},
            )
            weights, bias = optimum.x[:size].reshape(shape), optimum.x[size:].reshape(shape[:2])
            return Solution(weights, bias, self._forward(weights, bias), int(optimum.nit))

    def head(self, solution: Solution, problem: int) -> Head:
        """Return the head of one problem, on raw features."""
        weights = solution.weights[problem] / self._scale[problem]
        bias = solution.bias[problem] - weights @ self._mean[problem]
        if self._outputs == 1:
            weights, bias = (
                np.stack([-weights[0], weights[0]]) / 2,
                np.array([-bias[0], bias[0]]) / 2,
            )
        return Head.linear(weights.T.astype(np.float32), bias.astype(np.float32))

    def _flat(self, weights: Floats, bias: Floats) -> tuple[Floats32, Floats32]:
        """Return weights float32 (D, F K') and shift float32 (F, K') for raw features."""
        raw = weights / self._scale[:, None]
        shift = bias - np.einsum("fkd,fd->fk", raw, self._mean)
        flat = np.ascontiguousarray(raw.reshape(-1, raw.shape[2]).T, np.float32)
        return flat, shift.astype(np.float32)

    def _forward(self, weights: Floats, bias: Floats) -> Floats32:
        """Compute the logits, float32 (n, F, K')."""
        flat, shift = self._flat(weights, bias)
        return np.concatenate([self._logits(rows, flat, shift) for rows in self._blocks])

    def _logits(self, rows: slice, flat: Floats32, shift: Floats32) -> Floats32:
        return (self._x[rows] @ flat).reshape(-1, *shift.shape) + shift

    def _evaluate(self, weights: Floats, bias: Floats, l2: float) -> tuple[float, Floats]:
        """Compute loss and gradient; blocks of rows run in threads, and are summed in order."""
        flat, shift = self._flat(weights, bias)

        def part(rows: slice) -> tuple[float, Floats32, Floats]:
            loss, residual = self._loss(self._logits(rows, flat, shift), rows)
            columns = residual.reshape(len(residual), -1)
            return loss, columns.T @ self._x[rows], residual.sum(axis=0, dtype=np.float64)

        loss, slope, slope_bias = 0.0, np.zeros(weights.shape), np.zeros(bias.shape)
        for one_loss, one_slope, one_bias in self._pool.map(part, self._blocks):
            loss += one_loss
            slope += one_slope.reshape(weights.shape)
            slope_bias += one_bias
        slope = (slope - slope_bias[:, :, None] * self._mean[:, None]) / self._scale[:, None]
        slope += l2 * weights
        loss += 0.5 * l2 * float(np.sum(weights**2))
        return loss, np.concatenate([slope.ravel(), slope_bias.ravel()])

    def _loss(self, logits: Floats32, rows: slice) -> tuple[float, Floats32]:
        """Compute a block's weighted log loss over all problems, and its gradient by the logits."""
        shares, target = self._shares[rows], self._target[rows]
        if self._outputs == 1:
            z = logits[:, :, 0]
            losses = np.logaddexp(np.float32(0), z) - z * target
            residual = (0.5 * (1 + np.tanh(0.5 * z)) - target)[:, :, None]
        else:
            shifted = logits - logits.max(axis=2, keepdims=True)
            exps = np.exp(shifted)
            total = exps.sum(axis=2, keepdims=True)
            losses = np.log(total[:, :, 0]) - np.sum(shifted * target[:, None, :], axis=2)
            residual = exps / total - target[:, None, :]
        loss = float(np.sum(losses * shares, dtype=np.float64))
        return loss, (residual * shares[:, :, None]).astype(np.float32)

    def _one_hot(self, labels: npt.NDArray[np.int64]) -> Floats32:
        if self._outputs == 1:
            return labels.astype(np.float32)[:, None]
        return np.eye(self._outputs, dtype=np.float32)[labels]


def _moments(features: Floats32, shares: Floats) -> tuple[Floats, Floats]:
    """Compute weighted mean and standard deviation of each feature in each problem, (F, D)."""
    mean = np.zeros((len(shares), features.shape[1]))
    square = np.zeros_like(mean)
    for start in range(0, len(features), _BLOCK_ROWS):
        block = features[start : start + _BLOCK_ROWS].astype(np.float64)
        part = shares[:, start : start + _BLOCK_ROWS]
        mean += part @ block
        square += part @ block**2
    scale = np.sqrt(np.maximum(square - mean**2, 0))
    return mean, np.where(scale > 1e-6 * (np.abs(mean) + 1e-12), scale, 1.0)
