"""The interface of every training method: an object that is prepared, and then trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...audit import Decision
from ...backbones import Backbone, Device, find_backbone, with_views
from ...base import Clock, Progress
from ...features import FeatureExtractors, FeatureMatrix, WholePhotos
from ...photos import Photos, Table
from ...recipes import Recipe
from ._results import TrainingResults

if TYPE_CHECKING:
    import numpy.typing as npt

    from .auto import Deadline

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Fitted", "RunOptions", "TrainingJob", "TrainingMethod"]


@dataclass(frozen=True)
class RunOptions:
    """The options of a run; recipe, decisions and groups have an influence on the outcome.

    `choice` tells how the recipe's backbones were chosen, as plain values; empty where a person
    named them. `neither` are examples of neither class. When the `deadline` is over, a run leaves
    out what it can do without.
    """

    recipe: Recipe
    weights_dir: Path | None = None
    cache_dir: Path | None = None
    device: Device = "auto"
    devices: int = 1
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    storage: str | None = None
    join_alike: bool = False
    choice: Mapping[str, Any] = field(default_factory=dict)
    neither: Photos | None = None
    deadline: Deadline | None = None

    def find_backbones(self, cache: Path) -> list[Backbone]:
        """Find the backbones of the recipe by their names, each looking at its views."""
        found = [
            find_backbone(name, weights_dir=self.weights_dir, cache_dir=cache)
            for name in self.recipe.backbones
        ]
        return [with_views(one, self.recipe.views, cache_dir=cache) for one in found]

    def extractors(self, cache: Path) -> FeatureExtractors:
        """Make extractors of the backbones of the recipe, whose engines are not open."""
        return FeatureExtractors(
            self.find_backbones(cache),
            cache_dir=cache,
            precision=self.recipe.precision,
            device=self.device,
        )


@dataclass(frozen=True)
class TrainingJob:
    """The input of a training method.

    Attributes
    ----------
    table : Table
        The scanned photos, with labels, roles and folds.
    options : RunOptions
    decisions : list of Decision
        Decisions that concern these photos, in their order.
    cache : Path
        Where features are kept.
    work : Path
        A folder for the files of an unfinished training, inside the run folder.
    extractors : FeatureExtractors, optional
        Open ones, which have looked at the photos while they were scanned.
    """

    table: Table
    options: RunOptions
    decisions: list[Decision]
    cache: Path
    work: Path
    extractors: FeatureExtractors | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run."""
        return self.options.recipe

    @property
    def trimmed(self) -> Container[int]:
        """The rows whose border is cut off before a backbone sees them."""
        every = range(len(self.table.photos))
        return every if self.recipe.borders == "trim" else self.table.trimmed

    def pictures(self, rows: Container[int] | None = None) -> WholePhotos:
        """The photos that backbones look at: all that can be read, or those of `rows` alone."""
        hashes = [
            scan.sha256 if not scan.problem and (rows is None or row in rows) else ""
            for row, scan in enumerate(self.table.scans)
        ]
        return WholePhotos(self.table.photos, hashes, trimmed=self.trimmed)

    def find_backbones(self) -> list[Backbone]:
        """Find the backbones of the recipe by their names, each looking at its views."""
        return self.options.find_backbones(self.cache)

    def open_extractors(self) -> FeatureExtractors:
        """Open engines for the backbones of the recipe; int8 ones are calibrated first."""
        if self.extractors is not None:
            return self.extractors
        extractors = self.options.extractors(self.cache)
        if self.recipe.precision == "int8":
            self.calibrate(extractors)
        extractors.open()
        return extractors

    def calibrate(self, extractors: FeatureExtractors) -> None:
        """Let extractors run in int8, calibrated on photos that train, drawn by the seed."""
        order = np.random.default_rng(self.recipe.seed).permutation(self.table.rows("train"))
        extractors.quantise(self.pictures(), order.tolist())


@dataclass(frozen=True)
class Fitted:
    """A trained classifier before it is written.

    Attributes
    ----------
    results : TrainingResults
    matrix : FeatureMatrix
        Features that the head was given of each photo; its backbones are exported.
    """

    results: TrainingResults
    matrix: FeatureMatrix

    def probabilities(self, rows: Ints) -> Floats:
        """Compute the shipped model's probabilities float64 (n, K) for rows of the table."""
        logits = self.results.head.logits(self.matrix.of(rows))
        return self.results.calibration.probabilities(logits)


class TrainingMethod(ABC):
    """A training method.

    Parameters
    ----------
    job : TrainingJob
    """

    def __init__(self, job: TrainingJob) -> None:
        self.job = job

    @abstractmethod
    def prepare(self) -> None:
        """Find the backbones, and refuse what cannot be trained before anything is written.

        Raises
        ------
        PawlensError
            Training is impossible; the message says why in one line.
        """

    @abstractmethod
    def train(self, clock: Clock, progress: Progress | None) -> Fitted:
        """Train, calibrate and measure; call `prepare` first."""
