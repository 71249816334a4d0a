"""The phases of a recipe, run one after the other; each leaves a file that a restart reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from ..backbones import Backbone, cpu_precision, keep_network
from ..base import Progress, make_folder, write_atomic
from ..errors import RecipeError
from ..recipes import (
    Augment,
    CacheSplit,
    Clean,
    FindRate,
    Freeze,
    Fuse,
    Recipe,
    Train,
    Unfreeze,
)
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
from ._pixels import Store, store_pixels
from ._start import logistic_start
from ._trainable import needs_bodies
from ._workers import train_job

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Session"]

_ROOM = 8 / 7  # side of the stored pixels by that of the input: room for crops


class Session:
    """The run of a network through the phases of a recipe.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    place : Place
    progress : callable, optional

    Attributes
    ----------
    network : FusionNetwork
    train : ndarray of int64
        Rows that still train.
    rows : list of dict
        Rows of ``history.jsonl``.
    changed : bool
        Whether a body differs from its pretrained weights.
    """

    network: FusionNetwork

    def __init__(
        self, recipe: Recipe, data: Data, place: Place, progress: Progress | None = None
    ) -> None:
        # Files of other photos or weights must not be mistaken for those of this training.
        digest = _digest(data, place)
        shared = (place.shared or place.folder) / digest
        place = replace(place, folder=place.folder / digest, shared=shared)
        self.recipe, self.data, self.place, self.progress = recipe, data, place, progress
        self.train = data.train
        self.rows: list[dict[str, Any]] = []
        self.changed = False
        self._rate: float | None = None
        self._tail: tuple[int, list[torch.nn.Module], Tail] | None = None
        self.device = _device(place.device)
        self.precision = _precision(place.precision, self.device)
        self._shared = shared
        make_folder(place.folder)
        make_folder(shared)

    def run(self) -> None:
        """Run every phase that concerns the network."""
        steps: Mapping[type, Callable[[int, Any], None]] = {
            Fuse: self._fuse,
            Freeze: self._open,
            Unfreeze: self._open,
            FindRate: self._find_rate,
            Train: self._train,
            Clean: self._clean,
            CacheSplit: self._cache_split,
        }
        for number, phase in enumerate(self.recipe.phases):
            step = steps.get(type(phase))
            if step is not None:
                step(number, phase)

    @torch.no_grad()
    def logits(self, rows: Ints) -> Floats:
        """Compute the logits float64 (n, K) of photos without augmentation."""
        return answer(self._job(len(self.recipe.phases), Train(do="train")), rows).double().numpy()

    def trained_backbones(self, folder: Path) -> list[Backbone]:
        """Return every backbone in its present state: a graph in `folder` for each trained body."""
        if not self.changed:
            return list(self.place.backbones)
        bodies = zip(self.network.cpu().bodies, self.network.specs, strict=True)
        return [keep_network(body, spec, folder) for body, spec in bodies]

    def _fuse(self, number: int, phase: Fuse) -> None:
        backbones, seed = self.place.backbones, self.recipe.seed
        specs = [backbone.spec for backbone in backbones]
        torch.manual_seed(seed)
        head = FusedHead([spec.feature_dim for spec in specs], len(self.data.classes), phase)
        bodies = load_bodies(backbones) if needs_bodies(self.recipe) else []
        self.network = FusionNetwork(bodies, specs, head)
        self._open(number, Freeze(do="freeze"))
        if phase.init == "logistic":
            path = self.place.folder / f"phase-{number:02}.pt"
            if not path.exists():
                features = np.hstack([np.asarray(s.array) for s in self._features()])
                start = logistic_start(features, [s.feature_dim for s in specs], self.data, seed)
                save_checkpoint(path, start)
            head.start_from(**load_checkpoint(path))

    def _open(self, number: int, phase: Freeze | Unfreeze) -> None:
        if isinstance(phase, Freeze):
            self.opening = open_blocks(self.network, 0)
        else:
            self.opening = open_blocks(self.network, phase.blocks, phase.batch_norm)
        self._tail = None

    def _find_rate(self, number: int, phase: FindRate) -> None:
        path = self.place.folder / f"phase-{number:02}.json"
        if not path.exists():
            plan = next(later for later in self.recipe.phases[number:] if isinstance(later, Train))
            suggestions = find_rate(self._job(number, plan), phase, self.progress)
            write_atomic(path, json.dumps(suggestions.row(number)).encode())
        row = json.loads(path.read_text(encoding="utf-8"))
        self.rows.append(row)
        self._rate = row["chosen"]

    def _train(self, number: int, phase: Train) -> None:
        rate = self._rate if phase.rate == "found" else phase.rate
        if rate is None:
            raise RecipeError(
                f"phases.{number}: no rate of the sweep lowered the loss; give rate a number"
            )
        job = self._job(number, phase, rate)
        state = train_job(job, self.place.devices, self.progress)
        self.changed |= self.opening.blocks != 0
        self.rows += state.rows

    def _clean(self, number: int, phase: Clean) -> None:
        path = self.place.folder / f"phase-{number:02}.json"
        if not path.exists():
            logits = answer(self._job(number, Train(do="train")), self.train)
            believed = belief(logits, self.data.labels[self.train])
            aside = self.train[believed < phase.below]
            values = {"aside": aside.tolist(), "belief": believed[believed < phase.below].tolist()}
            write_atomic(path, json.dumps(values).encode())
        values = json.loads(path.read_text(encoding="utf-8"))
        aside = np.array(values["aside"], np.int64)
        kept = np.setdiff1d(self.train, aside)
        missing = unlearnt(self.data.labels[self.train], self.data.labels[kept])
        if missing:
            raise RecipeError(
                f"phases.{number}: clean below {phase.below:g} would leave no photo of class "
                f"{self.data.classes[missing[0]]!r}; train longer before it, or lower it"
            )
        self.train = kept
        self.rows.append(
            {"phase": number, "do": "clean", "below": phase.below, "set_aside": len(aside)}
            | {"photos": [self.data.photos.paths[row] for row in aside]}
        )

    def _cache_split(self, number: int, phase: CacheSplit) -> None:
        if phase.blocks == 0 and not self.changed:
            self._tail = None  # without changed weights or open blocks, features are kept anyway
        else:
            self._tail = number, *cut(self.network, phase.blocks)

    def _job(self, number: int, plan: Train, rate: float = 0.0) -> Job:
        model, source = self._model_and_source(plan)
        return Job(
            network=self.network,
            model=model,
            opening=self.opening,
            source=source,
            labels=self.data.labels,
            train_rows=self.train,
            valid_rows=self.data.valid,
            classes=len(self.data.classes),
            plan=plan,
            rate=rate,
            phase=number,
            seed=self.recipe.seed,
            folder=self.place.folder,
            precision=self.precision,
            device=self.device,
        )

    def _model_and_source(self, plan: Train) -> tuple[torch.nn.Module, Source]:
        """Choose the model and the source of a phase: all on pixels, or a tail on activations."""
        if self._tail is not None:
            phase, fronts, tail = self._tail
            path = self.place.folder / f"activations-{phase}"
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
            seed=self.recipe.seed,
        )

    def _pixels(self, size: int | None, room: float = 1.0) -> list[Store]:
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

    def _features(self) -> list[Store]:
        return pooled_features(self.data, self.place, self.progress)


def _digest(data: Data, place: Place) -> str:
    """Hash all that the files of a training depend on, besides its recipe."""
    facts = [
        [*data.keys],
        [int(row) in data.trimmed for row in range(len(data.keys))],
        *(part.tolist() for part in (data.labels, data.train, data.valid)),
        [(backbone.weights_hash, backbone.spec.preprocessing_hash) for backbone in place.backbones],
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
