"""Training a network by the phases of its recipe, measured on a fold that it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...backbones import Backbone
from ...base import Clock, Progress, ranks
from ...errors import PhotosError
from ...features import FeatureExtractors, FeatureMatrix
from ...heads import Head
from ...metrics import (
    Calibration,
    apply_clip,
    apply_temperature,
    choose_clip,
    clip_sweep,
    fit_temperature,
)
from ...photos import Table, assign_folds
from ...recipes import VALID_PARTS, Recipe
from ...runs import HELD_OUT
from ...training import Data, Place, Trained, check_trainable, train_network
from ._label_sets import clip_asked, label_parts, network_label_sets
from ._measure import measured, measured_splits
from ._method import Fitted, TrainingJob, TrainingMethod
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["NetworkTraining", "calibrated_on"]


class _Parts(NamedTuple):
    """The rows of the table that are held out, that train, and that validate."""

    held: Ints
    train: Ints
    valid: Ints


class NetworkTraining(TrainingMethod):
    """A training that runs the phases of the recipe, and measures the network on a held-out fold.

    Fold 0 is held out. A tenth of the others validates: rates, stops, temperature and clip are
    chosen on it, so that nothing was chosen on the fold that is measured.

    Parameters
    ----------
    job : TrainingJob
    shared : Path, optional
        Where pixels are kept that several trainings of the same photos need.
    """

    _backbones: list[Backbone]
    _parts: _Parts

    def __init__(self, job: TrainingJob, *, shared: Path | None = None) -> None:
        super().__init__(job)
        self._shared = shared

    def prepare(self) -> None:
        """Find the backbones and deal the photos to their parts."""
        self._backbones = self.job.find_backbones()
        check_trainable(self.job.recipe, self._backbones)
        self._parts = _deal(self.job.table, self.job.recipe)

    def train(self, clock: Clock, progress: Progress | None) -> Fitted:
        """Train the network, then answer the held-out photos through the graphs that ship."""
        job, parts = self.job, self._parts
        with clock.step("training"):
            trained = self.train_network(progress)
            if ranks()[0]:
                raise SystemExit  # torchrun started it; the first process measures and writes
            backbones = trained.backbones(job.work)
        left_out = np.concatenate([parts.train, parts.valid])[trained.set_aside]
        head = trained.head()
        with clock.step("features"):
            kept = job.work if trained.changed else job.cache
            matrix = _extract(job, parts, backbones, head, kept, progress)
        with clock.step("evaluation"):
            results = _network_results(
                job,
                matrix,
                head,
                parts,
                progress,
                on=f"one held-out fold of {int(job.table.fold.max()) + 1}",
                head_in_words=_in_words(head),
                history=trained.history,
                left_out=left_out,
                validates=parts.valid,
            )
        return Fitted(results, matrix)

    def train_network(self, progress: Progress | None) -> Trained:
        """Run the phases alone; an interrupted phase resumes from its last checkpoint."""
        job, (_, train, valid) = self.job, self._parts
        rows = np.concatenate([train, valid])
        table, recipe, options = job.table, job.recipe, job.options
        data = Data(
            photos=table.photos.subset(rows.tolist()),
            keys=[table.scans[int(row)].sha256 for row in rows],
            labels=table.label[rows] if recipe.labels == "one" else table.targets[rows],
            train=np.arange(len(train)),
            valid=np.arange(len(train), len(rows)),
            classes=table.classes,
            groups=table.group[rows],
            trimmed=frozenset(i for i, row in enumerate(rows.tolist()) if row in job.trimmed),
        )
        place = Place(
            self._backbones,
            job.work / "training",
            job.cache,
            options.device,
            options.devices,
            recipe.precision,
            self._shared,
        )
        return train_network(recipe, data, place, progress)


def _extract(
    job: TrainingJob,
    parts: _Parts,
    backbones: Sequence[Backbone],
    head: Head,
    cache: Path,
    progress: Progress | None,
) -> FeatureMatrix:
    """Extract features of photos that are held out, that validate, and of the user's own splits."""
    splits = [job.table.rows(split) for split in HELD_OUT]
    answered = frozenset(np.concatenate([parts.held, parts.valid, *splits]).tolist())
    extractors = FeatureExtractors(
        backbones, cache_dir=cache, precision=job.recipe.precision, device=job.options.device
    )
    return extractors.extract(
        job.pictures(answered),
        unit=head.unit,
        complete=True,
        progress=progress,
    )


def _network_results(
    job: TrainingJob,
    matrix: FeatureMatrix,
    head: Head,
    parts: _Parts,
    progress: Progress | None,
    **fields: Any,
) -> Any:
    """Calibrate on the photos that validate, measure on those held out."""
    table, recipe = job.table, job.recipe
    if recipe.labels == "several":
        return network_label_sets(job, matrix, head, parts.held, parts.valid, progress, **fields)
    logits_valid, logits_held = (head.logits(matrix.of(rows)) for rows in (parts.valid, parts.held))
    calibration = calibrated_on(table, logits_valid, logits_held, parts.valid, recipe)
    return OneLabelResults(
        table=table,
        recipe=recipe,
        evaluated=parts.held,
        head=head,
        calibration=calibration,
        metrics=measured(table, recipe, parts.held, calibration.proba),
        held_out=measured_splits(table, recipe, matrix, head, calibration),
        decisions=job.decisions,
        **fields,
    )


def _deal(table: Table, recipe: Recipe) -> _Parts:
    """Deal the photos to the three parts; near-duplicates stay together."""
    rows = table.rows("train")
    held, rest = rows[table.fold[rows] == 0], rows[table.fold[rows] != 0]
    if recipe.labels == "several":
        return _Parts(held, *label_parts(table, recipe, held, rest, VALID_PARTS))
    for number, name in enumerate(table.classes):
        different = len(set(table.group[rows[table.label[rows] == number]].tolist()))
        if different < 3:
            raise PhotosError(
                f"{table.photos.location}: class {name!r} has {different} different photo(s), or "
                "groups of them; a recipe with phases needs 3: to train, to validate and to hold "
                "out; add photos"
            )
    part = assign_folds(
        table.label[rest], table.group[rest], n_folds=VALID_PARTS, seed=recipe.seed + 1
    )
    return _Parts(held, rest[part != 0], rest[part == 0])


def calibrated_on(
    table: Table, valid_logits: Floats, logits: Floats, valid: Ints, recipe: Recipe
) -> Calibration:
    """Fit temperature and clip on the photos that validate, and apply them to those held out."""
    label = table.label[valid]
    temperature = fit_temperature(label, valid_logits)
    proba = apply_temperature(valid_logits, temperature)
    asked = clip_asked(recipe)
    clip = choose_clip(label, proba) if asked == "auto" else asked
    answered = apply_clip(apply_temperature(logits, temperature), clip)
    return Calibration(temperature, clip, answered, clip_sweep(label, proba), logits / temperature)


def _in_words(head: Head) -> str:
    widths = [str(weights.shape[1]) for weights, _ in head.layers[:-1]]
    hidden = f"hidden layers of {', '.join(widths)}" if widths else "one linear layer"
    return f"trained, {hidden}"
