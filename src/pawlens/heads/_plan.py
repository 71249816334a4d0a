"""The plan of a head that is trained by gradient steps, and the result of trying it."""

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
        Learning rate; 1 suits Adadelta.
    decay : float
        Decay of the rate over time: rate / (1 + decay * step), as in Keras's SGD.
    momentum : float
        Momentum of SGD.
    dropout : float
        Dropout rate before every linear layer, to the nearest 1/256.
    l2 : float
        Multiple of half the squared norm of the weights, added to the loss.
    hidden : tuple of int
        Widths of hidden layers, each followed by ReLU.
    batch_norm : bool
        Whether a batch norm stands between each hidden layer and its ReLU.
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
    """The training budget that all compared heads share.

    Attributes
    ----------
    epochs : int
        Largest number of epochs.
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
    """The cross-validated result of one plan.

    Attributes
    ----------
    losses : list of float
        Out-of-fold log loss after each epoch.
    best : int
        Number of epochs with the least loss; 0 if the loss was never finite.
    logits : ndarray of float64, shape (n, K)
        Out-of-fold logits after the best epoch.
    stopped : bool
        Whether the trial was pruned: its watcher ended it early.
    """

    losses: list[float]
    best: int
    logits: npt.NDArray[np.float64]
    stopped: bool

    @property
    def loss(self) -> float:
        """The least out-of-fold log loss; infinite where no epoch gave a finite one."""
        return self.losses[self.best - 1] if self.best else float("inf")
