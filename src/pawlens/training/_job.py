"""The job of a phase that trains, and the state in which it may be interrupted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from ..recipes import Train
from ._blocks import Opening
from ._inputs import Source
from ._network import FusionNetwork

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["Job", "State", "batches_of", "epoch_order", "seed_step"]


@dataclass
class Job:
    """One ``train`` phase.

    Attributes
    ----------
    network : FusionNetwork
        The network, whose open weights are trained.
    model : nn.Module
        The module that turns a batch of `source` into logits: the network, or its tail.
    opening : Opening
    source : Source
    labels : ndarray of int64, shape (n,), or of bool, shape (n, K)
        Class number, or labels, of each row of the table.
    train_rows, valid_rows : ndarray of int64
    classes : int
    plan : Train
    rate : float
        Learning rate of the plan, or the rate that ``find_rate`` suggested.
    phase : int
        Number of the phase in the recipe.
    seed : int
    folder : Path
        Folder of the checkpoint.
    precision : {"f32", "bf16"}
    device : str
    """

    network: FusionNetwork
    model: nn.Module
    opening: Opening
    source: Source
    labels: Ints | Bools
    train_rows: Ints
    valid_rows: Ints
    classes: int
    plan: Train
    rate: float
    phase: int
    seed: int
    folder: Path
    precision: Literal["f32", "bf16"] = "f32"
    device: str = "cpu"

    @property
    def checkpoint(self) -> Path:
        """Path of the checkpoint that holds the state of this phase, also when it is done."""
        return self.folder / f"phase-{self.phase:02}.pt"

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in an epoch."""
        return len(batches_of(self.train_rows, self.plan))


@dataclass
class State:
    """The training state from which an interrupted phase resumes, as plain values and tensors.

    Attributes
    ----------
    step : int
        Number of steps done, over all epochs.
    sums : list of float
        Weighted training losses of the epoch so far, over all processes, and the weight that their
        sum is divided by.
    seconds : float
    factor, best, bad : float, float, int
        Factor by which a plateau has multiplied the rate, best validation loss, epochs since then.
    rows : list of dict
        Rows of ``history.jsonl`` so far.
    rates : list of [step, rate]
    mean, kept : dict of Tensor
        Averaged weights; weights of the best epoch.
    done : bool
    """

    step: int = 0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    seconds: float = 0.0
    factor: float = 1.0
    best: float = float("inf")
    bad: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    rates: list[list[float]] = field(default_factory=list)
    mean: dict[str, Tensor] = field(default_factory=dict)
    kept: dict[str, Tensor] = field(default_factory=dict)
    done: bool = False

    @property
    def epoch(self) -> int:
        """The current epoch, from 0; all earlier epochs are over, their validation included.

        The number of steps is not enough: after the last step of an epoch its validation is still
        due.
        """
        return sum(row["do"] == "train" for row in self.rows)


def epoch_order(rows: Ints, seed: int, phase: int, epoch: int) -> Ints:
    """Return the order in which an epoch visits photos, a function of the arguments alone."""
    order: Ints = np.random.default_rng([seed, phase, epoch]).permutation(rows)
    return order


def batches_of(order: Ints, plan: Train) -> list[Ints]:
    """Split an epoch into batches; none has a single photo, as batch norms need two."""
    batches = [order[i : i + plan.batch] for i in range(0, len(order), plan.batch)]
    if len(batches) > 1 and len(batches[-1]) < (plan.batch if plan.drop_last else 2):
        batches.pop()
    return batches


def seed_step(seed: int, phase: int, step: int, rank: int) -> None:
    """Seed dropout by the step, so that no random state need be restored."""
    sequence = np.random.SeedSequence([seed, phase, step, rank])
    torch.manual_seed(int(sequence.generate_state(1, np.uint64)[0]))
