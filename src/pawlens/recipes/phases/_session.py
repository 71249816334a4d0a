"""The objects that phases are given: the training under way, and the run around it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

    from ...photos import Photos
    from .._schema import Recipe
    from ._fuse import Fuse
    from ._rate import FindRate
    from ._train import Train

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["RunInProgress", "RunSteps", "TrainingSession", "TrainingSteps"]


class TrainingSession(Protocol):
    """A training under way, as a phase sees it.

    After an interruption the phases run again in their order, from the same photos and weights.
    Those that trained are read back from their files, so the network stands where it stood; a
    phase that takes long keeps its own result as a file in `folder`.

    Attributes
    ----------
    network : torch.nn.Module
        Backbones and head; ``network.head`` is the head alone. There is none before the phase that
        puts on a head, and ``network.bodies`` is empty where no phase needs the backbones' weights.
    train_rows : ndarray of int64
        Rows of the photos that still train. A phase may take rows out: it sets the attribute, and
        the run names these photos as left out.
    changed : bool
        Whether the weights of a backbone differ from those that it came with. A phase that changes
        them sets it; else the features that were kept would be used in their place.
    history : list of dict
        Rows of ``history.jsonl`` so far.
    number : int
        The place of the phase in the recipe, counted from 0.
    """

    train_rows: Ints
    changed: bool
    history: list[dict[str, Any]]
    number: int

    @property
    def network(self) -> torch.nn.Module:
        """Backbones and head, as a module of torch."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the training."""

    @property
    def seed(self) -> int:
        """The seed of the recipe: what is random follows from it."""

    @property
    def folder(self) -> Path:
        """The folder that keeps files for as long as the run is unfinished."""

    @property
    def photos(self) -> Photos:
        """The n photos that train or validate; rows count in them."""

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes, or of the labels."""

    @property
    def labels(self) -> Ints | Bools:
        """Class numbers int64 (n,), or which of several labels each photo has, bool (n, K)."""

    @property
    def valid_rows(self) -> Ints:
        """Rows int64 of the photos that validate."""

    def logits(self, rows: Ints) -> Floats:
        """Compute logits float64 (n, K) of the network as it is, for photos that are not varied."""

    def note(self, words: str, **values: Any) -> None:
        """Add a row to the history: a sentence for the report, and values that JSON can hold."""


class TrainingSteps(TrainingSession, Protocol):
    """The steps of the built-in phases, besides what every phase may use."""

    def fuse(self, plan: Fuse) -> None:
        """Build the network: the head of the plan on the pooled features of all backbones."""

    def open_blocks(
        self, blocks: Literal["all"] | int, batch_norm: Literal["frozen", "trained"] = "frozen"
    ) -> None:
        """Let the last blocks of every backbone train, and no others."""

    def find_rate(self, plan: FindRate) -> None:
        """Sweep the learning rate with the optimiser of the next ``train``."""

    def train(self, plan: Train) -> None:
        """Train whatever is open."""

    def clean(self, below: float) -> None:
        """Take photos out whose own class has a probability under `below`."""

    def cache_split(self, blocks: int) -> None:
        """Keep activations before the last `blocks`, and train on these."""


class RunInProgress(Protocol):
    """A run that is being written, as a phase sees it.

    Attributes
    ----------
    folder : Path
        The run folder; after the export ``model.onnx`` lies in it.
    """

    @property
    def folder(self) -> Path:
        """The run folder."""

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run."""

    @property
    def photos(self) -> Photos:
        """All photos of the run."""


class RunSteps(RunInProgress, Protocol):
    """The steps of the built-in phases, besides what every phase may use."""

    def explore(self) -> None:
        """Write ``explore.html``."""

    def evaluate(self, views: Sequence[str]) -> None:
        """Measure the exported model on the photos held out, also with these views."""

    def predict(self, photos: str) -> None:
        """Answer other photos into ``predictions.csv``."""
