"""The phases of a recipe, run one after the other; each leaves a file that a restart reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from ..backbones import Backbone, cpu_precision, keep_network
from ..base import Progress, make_folder, read_regular, sealed, unsealed, write_atomic
from ..errors import RecipeError, RunError
from ..photos import Photos
from ..recipes import Augment, FindRate, Fuse, Recipe, Train
from ._activations import activations, pooled_features
from ._blocks import open_blocks
from ._checkpoint import load_checkpoint, save_checkpoint
from ._cut import Tail, cut
from ._data import Data, Place
from ._find_rate import find_rate
from ._inputs import CachedSource, PixelSource, Source
from ._job import Job
from ._loop import answer
from ._loss import belief, unlearnt
from ._network import FusedHead, FusionNetwork, load_bodies
from ._nodes import made_by_the_first, shared_training
from ._pixels import ArrayStore, store_pixels
from ._start import logistic_start
from ._trainable import needs_bodies
from ._workers import train_job

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Session"]

_ROOM = 8 / 7  # side of the stored pixels over the input's: what a crop may cut away


class Session:
    """A network on its way through the phases: the `TrainingSteps` that they are given.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    place : Place
    progress : callable, optional

    Attributes
    ----------
    network : FusionNetwork
    number : int
        The place of the phase that runs, in the recipe.
    train_rows : ndarray of int64
        Rows that still train.
    history : list of dict
        Rows of ``history.jsonl``.
    changed : bool
        Whether a body differs from the weights that it came with.
    """

    network: FusionNetwork

    def __init__(
        self, recipe: Recipe, data: Data, place: Place, progress: Progress | None = None
    ) -> None:
        # What is left of other photos or weights must not be taken for this training's.
        self._digest = digest = _digest(data, place)
        shared = (place.shared or place.folder) / digest
        place = replace(place, folder=place.folder / digest, shared=shared)
        self.recipe, self.data, self.place, self.progress = recipe, data, place, progress
        self.number = 0
        self.train_rows = data.train
        self.history: list[dict[str, Any]] = []
        self.changed = False
        self._rate: float | None = None
        self._tail: tuple[int, list[torch.nn.Module], Tail] | None = None
        self.device = _device(place.device)
        self.precision = _precision(place.precision, self.device)
        self._shared = shared
        make_folder(place.folder)
        make_folder(shared)

    def run(self) -> None:
        """Run every phase that acts on the network."""
        with shared_training(self._digest, self.device):
            for number, phase in enumerate(self.recipe.phases):
                self.number = number
                phase.run(self)

    @property
    def seed(self) -> int:
        """The seed of the recipe."""
        return self.recipe.seed

    @property
    def folder(self) -> Path:
        """Where files are kept for as long as the run is unfinished."""
        return self.place.folder

    @property
    def photos(self) -> Photos:
        """The photos that train or validate; rows count in them."""
        return self.data.photos

    @property
    def classes(self) -> Sequence[str]:
        """Names of the classes, or labels."""
        return self.data.classes

    @property
    def labels(self) -> Ints | Bools:
        """Class numbers int64 (n,), or which of several labels each photo has, bool (n, K)."""
        return self.data.labels

    @property
    def valid_rows(self) -> Ints:
        """Rows of the photos that validate."""
        return self.data.valid

    @torch.no_grad()
    def logits(self, rows: Ints) -> Floats:
        """Compute the logits float64 (n, K) of photos without augmentation."""
        return answer(self._job(Train(do="train")), rows).double().numpy()

    def note(self, words: str, **values: Any) -> None:
        """Add a row of the phase that runs to the history."""
        do = self.recipe.phases[self.number].do
        self.history.append({"phase": self.number, "do": do, "words": words, **values})

    def trained_backbones(self, folder: Path) -> list[Backbone]:
        """Return every backbone in its present state: a graph in `folder` for each trained body."""
        if not self.changed:
            return list(self.place.backbones)
        bodies = zip(self.network.cpu().bodies, self.network.specs, strict=True)
        return [keep_network(body, spec, folder) for body, spec in bodies]

    def fuse(self, plan: Fuse) -> None:
        """Build the network, its head at the start of the plan and everything else closed."""
        backbones = self.place.backbones
        specs = [backbone.spec for backbone in backbones]
        torch.manual_seed(self.seed)
        head = FusedHead([spec.feature_dim for spec in specs], len(self.classes), plan)
        bodies = load_bodies(backbones) if needs_bodies(self.recipe) else []
        self.network = FusionNetwork(bodies, specs, head)
        self.open_blocks(0)
        if plan.init == "logistic":
            path = self.folder / f"phase-{self.number:02}.pt"

            def start() -> None:
                features = np.hstack([np.asarray(s.array) for s in self._features()])
                widths = [spec.feature_dim for spec in specs]
                save_checkpoint(path, logistic_start(features, widths, self.data, self.seed))

            made_by_the_first(path, start)
            head.start_from(**load_checkpoint(path))

    def open_blocks(
        self, blocks: Literal["all"] | int, batch_norm: Literal["frozen", "trained"] = "frozen"
    ) -> None:
        """Let the last blocks of every backbone train, and no others."""
        self.opening = open_blocks(self.network, blocks, batch_norm)
        self._tail = None

    def find_rate(self, plan: FindRate) -> None:
        """Sweep the rate with the optimiser of the next ``train``."""
        path = self.folder / f"phase-{self.number:02}.json"

        def sweep() -> None:
            trains = self.recipe.phases_of(Train)
            following = next(train for at, train in trains.items() if at > self.number)
            suggestions = find_rate(self._job(following), plan, self.progress)
            _keep(path, suggestions.row(self.number))

        made_by_the_first(path, sweep)
        row = _kept(path)
        self.history.append(row)
        self._rate = row["chosen"]

    def train(self, plan: Train) -> None:
        """Train whatever is open; goes on from the checkpoint of this phase."""
        rate = self._rate if plan.rate == "found" else plan.rate
        if rate is None:
            raise RecipeError(
                f"phases.{self.number}: no rate of the sweep lowered the loss; give rate a number"
            )
        state = train_job(self._job(plan, rate), self.place.devices, self.progress)
        self.changed |= self.opening.blocks != 0
        self.history += state.rows

    def clean(self, below: float) -> None:
        """Take photos out whose own class has a probability under `below`."""
        path = self.folder / f"phase-{self.number:02}.json"

        def judge() -> None:
            logits = answer(self._job(Train(do="train")), self.train_rows)
            believed = belief(logits, self.labels[self.train_rows])
            aside = self.train_rows[believed < below]
            values = {"aside": aside.tolist(), "belief": believed[believed < below].tolist()}
            _keep(path, values)

        made_by_the_first(path, judge)
        values = _kept(path)
        aside = np.array(values["aside"], np.int64)
        kept = np.setdiff1d(self.train_rows, aside)
        missing = unlearnt(self.labels[self.train_rows], self.labels[kept])
        if missing:
            raise RecipeError(
                f"phases.{self.number}: clean below {below:g} would leave no photo of class "
                f"{self.classes[missing[0]]!r}; train longer before it, or lower it"
            )
        self.train_rows = kept
        self.history.append(
            {"phase": self.number, "do": "clean", "below": below, "set_aside": len(aside)}
            | {"photos": [self.photos.paths[row] for row in aside]}
        )

    def cache_split(self, blocks: int) -> None:
        """Keep activations before the last blocks, and train on these."""
        if blocks == 0 and not self.changed:
            self._tail = None  # without changed weights or open blocks, features are kept anyway
        else:
            self._tail = self.number, *cut(self.network, blocks)

    def _job(self, plan: Train, rate: float = 0.0) -> Job:
        model, source = self._model_and_source(plan)
        return Job(
            network=self.network,
            model=model,
            opening=self.opening,
            source=source,
            labels=self.labels,
            train_rows=self.train_rows,
            valid_rows=self.valid_rows,
            classes=len(self.classes),
            plan=plan,
            rate=rate,
            phase=self.number,
            seed=self.seed,
            folder=self.folder,
            precision=self.precision,
            device=self.device,
        )

    def _model_and_source(self, plan: Train) -> tuple[torch.nn.Module, Source]:
        """Choose the model and the source of a phase: all on pixels, or a tail on activations."""
        if self._tail is not None:
            phase, fronts, tail = self._tail
            path = self.folder / f"activations-{phase}"
            kept = activations(
                self.network, fronts, self._pixels(None), path, self.device, self.progress
            )
            return tail, CachedSource(kept)
        varied = plan.augmentation != Augment()
        if self.opening.blocks == 0 and not (self.changed or varied or plan.size):
            # Nothing varies before the head, so features are computed once, by the fast engine.
            tail = Tail([torch.nn.Identity() for _ in self.network.specs], self.network.head)
            return tail, CachedSource(self._features())
        return self.network, PixelSource(
            plain_stores=self._pixels(plan.size),
            roomy_stores=self._pixels(plan.size, _ROOM) if varied else [],
            sizes=[plan.size or spec.input_size for spec in self.network.specs],
            photo=self.data.numbers,
            values=plan.augmentation,
            seed=self.seed,
        )

    def _pixels(self, size: int | None, room: float = 1.0) -> list[ArrayStore]:
        data = self.data
        return [
            store_pixels(
                data.photos,
                spec.with_size(round((size or spec.input_size) * room)),
                self._shared,
                trimmed=data.trimmed,
                progress=self.progress,
            )
            for spec in self.network.specs
        ]

    def _features(self) -> list[ArrayStore]:
        return pooled_features(self.data, self.place, self.progress)


def _keep(path: Path, values: dict[str, Any]) -> None:
    write_atomic(path, sealed(json.dumps(values).encode()))


def _kept(path: Path) -> dict[str, Any]:
    """Read what a phase found before.

    Raises
    ------
    RunError
        The file is damaged.
    """
    try:
        values: dict[str, Any] = json.loads(unsealed(read_regular(path)))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: damaged ({error}); delete it to do this phase again") from error
    return values


def _digest(data: Data, place: Place) -> str:
    """Hash all that the files of a training depend on, besides its recipe."""
    facts = [
        [*data.keys],
        [int(row) in data.trimmed for row in range(len(data.keys))],
        *(part.tolist() for part in (data.labels, data.train, data.valid)),
        None if data.groups is None else data.groups.tolist(),
        [(one.weights_hash, one.spec.preprocessing_hash) for one in place.backbones],
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _device(asked: str) -> str:
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return asked


def _precision(asked: str, device: str) -> Literal["f32", "bf16"]:
    if asked == "auto":
        has = torch.cuda.is_bf16_supported() if device == "cuda" else cpu_precision() == "bf16"
        return "bf16" if has else "f32"
    return "bf16" if asked == "bf16" else "f32"
