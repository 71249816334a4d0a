"""A run on frozen features: those of every backbone side by side, under the default head."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...audit import Decision
from ...backbones import CALIBRATION_PHOTOS, Backbone, Engine, find_backbone, open_engine, quantise
from ...base import Clock, Progress
from ...errors import PhotosError
from ...features import extract_features, photo_batches
from ...heads import unit_rows
from ...metrics import Interval
from ...photos import Table
from ...recipes import Recipe
from ._default_head import FittedHead, fit_head
from ._label_sets import several_labels
from ._method import (
    Outcome,
    Settings,
    Training,
    as_shipped,
    measured,
    measured_splits,
    trimmed_rows,
)
from ._results_one_label import Results

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

    Opened = list[tuple[Backbone, Backbone, Engine]]

__all__ = ["Matrix", "frozen_training", "open_backbones", "side_by_side"]


@dataclass(frozen=True)
class Matrix:
    """Features of all backbones side by side, one row for each distinct photo content."""

    values: npt.NDArray[np.float32]
    row: npt.NDArray[np.int64]
    backbones: list[Backbone]
    precisions: list[str]
    extracted: int


def frozen_training(
    table: Table, settings: Settings, decisions: list[Decision], cache: Path, work: Path
) -> Training:
    """Open the backbones; what is returned extracts, fits the default head, and evaluates it.

    `work` is not needed: features are in the cache, and the head is a matter of seconds.
    """
    recipe = settings.recipe
    opened = open_backbones(table, settings, cache)

    def train(clock: Clock, progress: Progress | None) -> Outcome:
        with clock.step("features"):
            matrix = side_by_side(table, opened, trimmed_rows(table, recipe), cache, progress)
        learn = one_label if recipe.labels == "one" else several_labels
        results, probabilities = learn(table, matrix, recipe, decisions, clock, progress)

        def features(rows: Ints) -> npt.NDArray[np.float32]:
            return matrix.values[matrix.row[rows]]

        return Outcome(
            results, matrix.backbones, matrix.precisions, matrix.extracted, features, probabilities
        )

    return train


def open_backbones(table: Table, settings: Settings, cache: Path) -> Opened:
    """Each backbone as it is exported, as it is seen through here, and the engine for that."""
    recipe = settings.recipe
    opened = []
    for name in recipe.backbones:
        backbone = find_backbone(name, weights_dir=settings.weights_dir, cache_dir=cache)
        seen = backbone
        if recipe.precision == "int8":
            train = table.rows("train")
            order = np.random.default_rng(recipe.seed).permutation(train)[:CALIBRATION_PHOTOS]
            trimmed = trimmed_rows(table, recipe)
            batches = photo_batches(
                table.photos, order.tolist(), [backbone.spec], 8, trimmed=trimmed
            )
            seen = quantise(backbone, (pixels for _, (pixels,) in batches), cache_dir=cache)
        engine = open_engine(seen, precision=recipe.precision, device=settings.device)
        opened.append((backbone, seen, engine))
    return opened


def side_by_side(
    table: Table,
    opened: Opened,
    trimmed: Container[int],
    cache: Path,
    progress: Progress | None,
    *,
    unit: bool = True,
    rows: Container[int] | None = None,
) -> Matrix:
    """Features of every readable photo, or of some rows; each backbone's scaled to unit length."""
    keys = [
        scan.sha256 if not scan.problem and (rows is None or row in rows) else ""
        for row, scan in enumerate(table.scans)
    ]
    parts, extracted = [], 0
    row = np.full(len(keys), -1, np.int64)
    backbones, precisions = [], []
    while opened:
        backbone, seen, engine = opened.pop(0)  # so that each engine is let go when it is done
        found = extract_features(
            table.photos,
            seen,
            engine,
            hashes=keys,
            trimmed=trimmed,
            cache_dir=cache,
            progress=progress,
        )
        lost = [i for i, key in enumerate(keys) if key and found.index[i] < 0]
        if lost:
            raise PhotosError(
                f"{table.photos.paths[lost[0]]}: changed or vanished during the run; start it again"
            )
        parts.append(unit_rows(found.matrix) if unit else found.matrix)
        row = found.index
        extracted += found.extracted
        backbones.append(backbone)
        precisions.append(f"{engine.precision} on {engine.device}")
    values = parts[0] if len(parts) == 1 else np.hstack(parts)
    return Matrix(values, row, backbones, precisions, extracted)


def one_label(
    table: Table,
    matrix: Matrix,
    recipe: Recipe,
    decisions: list[Decision],
    clock: Clock,
    progress: Progress | None,
) -> tuple[Results, Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]]:
    """Fit the default head and measure it; also what gives the probabilities of any rows."""
    with clock.step("head"):
        head = fit_head(table, matrix.values, matrix.row, recipe, progress)

    def probabilities(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return as_shipped(head.fit.head, head.calibration, matrix.values[matrix.row[rows]])

    with clock.step("evaluation"):
        held_out = measured_splits(table, recipe, probabilities)
        return _results(table, head, recipe, decisions, held_out), probabilities


def _results(
    table: Table,
    head: FittedHead,
    recipe: Recipe,
    decisions: list[Decision],
    held_out: dict[str, dict[str, Interval]],
) -> Results:
    train, calibration = table.rows("train"), head.calibration
    return Results(
        table=table,
        recipe=recipe,
        evaluated=train,
        on=f"out-of-fold, {int(table.fold.max()) + 1} folds",
        head=head.fit.head,
        head_in_words=f"logistic regression, L2 {head.fit.l2:.3g}",
        history=head.fit.rows,
        calibration=calibration,
        metrics=measured(table, recipe, train, calibration.proba),
        held_out=held_out,
        decisions=decisions,
        cleaning=head.cleaning,
        left_out=_left_out(train, head),
    )


def _left_out(train: npt.NDArray[np.int64], head: FittedHead) -> npt.NDArray[np.int64]:
    """Rows with suspect labels, on which the head that ships did not train."""
    if head.cleaning is None or not head.cleaning.shipped:
        return train[:0]
    return train[head.cleaning.suspect]
