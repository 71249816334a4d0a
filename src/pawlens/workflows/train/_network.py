"""A run that trains a network by the phases of its recipe, measured on a fold that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...audit import Decision
from ...backbones import Backbone, find_backbone, open_engine
from ...base import Clock, Progress
from ...errors import PhotosError
from ...heads import DenseHead
from ...metrics import (
    Calibration,
    apply_clip,
    apply_temperature,
    choose_clip,
    clip_sweep,
    fit_temperature,
)
from ...photos import Table, assign_folds
from ...recipes import Recipe
from ...training import Data, Place, Trained, check_trainable, train_network
from ._frozen import side_by_side
from ._label_sets import clip_asked, label_parts, network_labels
from ._method import HELD_OUT, Outcome, Settings, Training, measured, measured_splits, trimmed_rows
from ._results_one_label import Results

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["calibrated_on", "network_training", "prepared_training"]

_VALID = 10  # one part in so many of the photos that train


def network_training(
    table: Table, settings: Settings, decisions: list[Decision], cache: Path, work: Path
) -> Training:
    """Find the backbones; what is returned runs the phases and measures what came of them.

    Fold 0 is held out. Of the others a tenth validates: rates, stops, temperature and clip are
    chosen on it, so that nothing was chosen on the fold that is measured.
    """
    (held, train, valid), prepared = prepared_training(table, settings, cache, work / "training")

    def fit(clock: Clock, progress: Progress | None) -> Outcome:
        with clock.step("training"):
            trained = prepared(progress)
            backbones_now = trained.backbones(work)
        parts = held, valid, np.concatenate([train, valid])[trained.set_aside]
        kept = work if trained.changed else cache
        return _outcome(
            table, trained, backbones_now, parts, settings, decisions, kept, clock, progress
        )

    return fit


def prepared_training(
    table: Table, settings: Settings, cache: Path, folder: Path, shared: Path | None = None
) -> tuple[tuple[Ints, Ints, Ints], Callable[[Progress | None], Trained]]:
    """Rows that are held out, train and validate, and what trains a network on them in `folder`.

    Pixels that several trainings of the same photos need are kept in `shared`.
    """
    recipe = settings.recipe
    backbones = [
        find_backbone(name, weights_dir=settings.weights_dir, cache_dir=cache)
        for name in recipe.backbones
    ]
    check_trainable(recipe, backbones)
    held, train, valid = _parts(table, recipe)

    def run(progress: Progress | None) -> Trained:
        seen = np.concatenate([train, valid])
        data = Data(
            photos=table.photos.subset(seen.tolist()),
            keys=[table.scans[int(row)].sha256 for row in seen],
            labels=table.label[seen] if recipe.labels == "one" else table.targets[seen],
            train=np.arange(len(train)),
            valid=np.arange(len(train), len(seen)),
            classes=table.classes,
            trimmed=_positions(seen, table, recipe),
        )
        place = Place(
            backbones,
            folder,
            cache,
            settings.device,
            settings.devices,
            recipe.precision,
            shared,
        )
        return train_network(recipe, data, place, progress)

    return (held, train, valid), run


def _outcome(
    table: Table,
    trained: Trained,
    backbones: Sequence[Backbone],
    parts: tuple[Ints, Ints, Ints],
    settings: Settings,
    decisions: list[Decision],
    cache: Path,
    clock: Clock,
    progress: Progress | None,
) -> Outcome:
    """Answer the held-out photos through the graphs that ship, calibrated on the valid ones."""
    recipe, head, (held, valid, left_out) = settings.recipe, trained.head(), parts
    with clock.step("features"):
        opened = [
            (one, one, open_engine(one, precision=recipe.precision, device=settings.device))
            for one in backbones
        ]
        splits = [table.rows(split) for split in HELD_OUT]
        answered = frozenset(np.concatenate([held, valid, *splits]).tolist())
        trimmed = trimmed_rows(table, recipe)
        matrix = side_by_side(
            table, opened, trimmed, cache, progress, unit=head.unit, rows=answered
        )

    def features(rows: Ints) -> npt.NDArray[np.float32]:
        return matrix.values[matrix.row[rows]]

    with clock.step("evaluation"):
        measure = _one_label if recipe.labels == "one" else network_labels
        results, probabilities = measure(
            table,
            recipe,
            (held, valid),
            lambda rows: head.logits(features(rows)),
            progress,
            on=f"one held-out fold of {int(table.fold.max()) + 1}",
            head=head,
            head_in_words=_in_words(head),
            history=trained.history,
            decisions=decisions,
            left_out=left_out,
            validates=valid,
        )
    return Outcome(results, backbones, matrix.precisions, matrix.extracted, features, probabilities)


def _one_label(
    table: Table,
    recipe: Recipe,
    parts: tuple[Ints, Ints],
    logits: Callable[[Ints], Floats],
    progress: Progress | None,
    **learnt: Any,
) -> tuple[Results, Callable[[Ints], Floats]]:
    """Calibrate on the photos that validate, measure on those held out; a matter of moments."""
    held, valid = parts
    calibration = calibrated_on(table, logits(valid), logits(held), valid, recipe)

    def probabilities(rows: Ints) -> Floats:
        proba = apply_temperature(logits(rows), calibration.temperature)
        return apply_clip(proba, calibration.clip)

    results = Results(
        table=table,
        recipe=recipe,
        evaluated=held,
        calibration=calibration,
        metrics=measured(table, recipe, held, calibration.proba),
        held_out=measured_splits(table, recipe, probabilities),
        **learnt,
    )
    return results, probabilities


def _parts(table: Table, recipe: Recipe) -> tuple[Ints, Ints, Ints]:
    """Rows that are held out, that train, and that validate; near-duplicates stay together."""
    rows = table.rows("train")
    held, rest = rows[table.fold[rows] == 0], rows[table.fold[rows] != 0]
    if recipe.labels == "several":
        return held, *label_parts(table, recipe, held, rest, _VALID)
    for number, name in enumerate(table.classes):
        different = len(set(table.group[rows[table.label[rows] == number]].tolist()))
        if different < 3:
            raise PhotosError(
                f"{table.photos.location}: class {name!r} has {different} different photo(s); a "
                "recipe with phases needs 3: to train, to validate and to hold out; add photos"
            )
    part = assign_folds(table.label[rest], table.group[rest], n_folds=_VALID, seed=recipe.seed + 1)
    return held, rest[part != 0], rest[part == 0]


def _positions(seen: Ints, table: Table, recipe: Recipe) -> frozenset[int]:
    trimmed = trimmed_rows(table, recipe)
    return frozenset(i for i, row in enumerate(seen.tolist()) if row in trimmed)


def calibrated_on(
    table: Table, valid_logits: Floats, logits: Floats, valid: Ints, recipe: Recipe
) -> Calibration:
    """Temperature and clip from the photos that validate, applied to those held out."""
    label = table.label[valid]
    temperature = fit_temperature(label, valid_logits)
    proba = apply_temperature(valid_logits, temperature)
    asked = clip_asked(recipe)
    clip = choose_clip(label, proba) if asked == "auto" else asked
    answered = apply_clip(apply_temperature(logits, temperature), clip)
    return Calibration(temperature, clip, answered, clip_sweep(label, proba))


def _in_words(head: DenseHead) -> str:
    widths = [str(weights.shape[1]) for weights, _ in head.layers[:-1]]
    hidden = f"hidden layers of {', '.join(widths)}" if widths else "one linear layer"
    return f"trained, {hidden}"
