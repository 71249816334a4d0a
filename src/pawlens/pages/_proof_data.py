"""The data behind the page of a proof: arms of training, with and without augmentation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..backbones import Backbone
from ..metrics import Interval, Verdict
from ..photos import Table
from ..recipes import Augment

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

__all__ = ["Arm", "Proof"]

_NO_DIFFERENCE = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Arm:
    """One arm of the experiment: a way of training, under every seed.

    Attributes
    ----------
    name : str
    values : Augment
        Augmentation of the arm; all values are 0 for the plain arm.
    proba : ndarray of float64, shape (S n, K)
        Calibrated out-of-fold probabilities, seed after seed.
    metrics : dict of Interval
    train_loss, valid_loss : float
        Mean log loss of the final heads on the photos that they trained on, and out-of-fold,
        both before calibration: their gap shows overfitting.
    l2 : list of float
        L2 strength of each seed.
    difference, accuracy : Interval
        Log loss and accuracy less those of the plain arm, on the same photos; see `compare_models`.
    verdict : {"better", "worse", "no real difference"}
        Verdict on the log loss, corrected for the number of augmentations.
    better_folds, folds : int
        Number of folds of all seeds in which log loss is below that of the plain arm, and of all
        folds.
    features : ndarray of float32, shape (n, D)
        Features of the first copy of each photo, scaled to unit length.
    """

    name: str
    values: Augment
    proba: Floats
    metrics: dict[str, Interval]
    train_loss: float
    valid_loss: float
    l2: list[float]
    features: Matrix
    difference: Interval = _NO_DIFFERENCE
    accuracy: Interval = _NO_DIFFERENCE
    verdict: Verdict = "no real difference"
    better_folds: int = 0
    folds: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain values, without the probabilities."""
        return {
            "name": self.name,
            "values": self.values.model_dump(),
            "metrics": {name: asdict(interval) for name, interval in self.metrics.items()},
            "train_loss": self.train_loss,
            "valid_loss": self.valid_loss,
            "l2": self.l2,
            "difference": asdict(self.difference),
            "accuracy_difference": asdict(self.accuracy),
            "better_folds": self.better_folds,
            "folds": self.folds,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Proof:
    """The arms that were compared, and the photos.

    Attributes
    ----------
    table : Table
    rows : ndarray of int64, shape (n,)
        Photos that train, in the order of every arm's features.
    y, groups : ndarray of int64, shape (S n,)
        Label, and group of photos that belong together, of each row of the probabilities.
    plain : Arm
    arms : list of Arm
        The augmentations, in the order given.
    backbone : Backbone
    copies, seeds, folds : int
    """

    table: Table
    rows: Ints
    y: Ints
    groups: Ints
    plain: Arm
    arms: list[Arm]
    backbone: Backbone
    copies: int
    seeds: int
    folds: int
