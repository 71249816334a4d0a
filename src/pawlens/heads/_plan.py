"""What a head that is trained by steps is to be, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["HeadBudget", "HeadPlan", "HeadTrial"]


@dataclass(frozen=True)
class HeadPlan:
    """A head and its optimiser.

    Attributes
    ----------
    rate : float
        Of learning; 1 suits Adadelta.
    decay : float
        Of the rate, in inverse time: rate / (1 + decay * step), as in Keras's SGD.
    momentum : float
        Of SGD.
    dropout : float
        Before every linear layer, to the nearest 1/256.
    l2 : float
        Multiple of half the squared norm of the weights, added to the loss.
    hidden : tuple of int
        Widths of hidden layers, each followed by ReLU.
    batch_norm : bool
        Between each hidden layer and its ReLU.
    optimizer : {"sgd", "adadelta"}
    """

    rate: float
    decay: float = 0.0
    momentum: float = 0.0
    dropout: float = 0.0
    l2: float = 0.0
    hidden: tuple[int, ...] = ()
    batch_norm: bool = False
    optimizer: Literal["sgd", "adadelta"] = "sgd"


@dataclass(frozen=True)
class HeadBudget:
    """What is the same for all heads that are compared.

    Attributes
    ----------
    epochs : int
        At most.
    patience : int
        Epochs without a better loss before a head stops.
    batch : int
        Photos in a step.
    seed : int
    """

    epochs: int = 200
    patience: int = 8
    batch: int = 128
    seed: int = 0


@dataclass(frozen=True)
class HeadTrial:
    """What cross-validation says of one plan.

    Attributes
    ----------
    losses : list of float
        Out-of-fold log loss after each epoch.
    best : int
        Epochs after which the loss was least; 0 if it never was a number.
    logits : ndarray of float64, shape (n, K)
        Out-of-fold, after the best epoch.
    stopped : bool
        Whether somebody who watched ended it before its time.
    """

    losses: list[float]
    best: int
    logits: npt.NDArray[np.float64]
    stopped: bool

    @property
    def loss(self) -> float:
        """The least out-of-fold log loss; infinite where no epoch gave a number."""
        return self.losses[self.best - 1] if self.best else float("inf")
