"""Runs of several labels a photo: the head on frozen features, and what a trained network gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from ...audit import Decision
from ...base import Clock, Progress
from ...errors import PhotosError
from ...heads import L2_GRID, fit_labels
from ...metrics import LabelCalibration, LabelRules, calibrate_labels, fit_rules
from ...photos import Table, assign_label_folds
from ...recipes import Calibrate, Recipe
from ._method import HELD_OUT
from ._results_label_sets import LabelResults, measured_labels

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["clip_asked", "label_parts", "network_labels", "several_labels"]


class Features(Protocol):
    """Features of all backbones side by side, one row for each distinct photo content."""

    @property
    def values(self) -> npt.NDArray[np.float32]: ...

    @property
    def row(self) -> Ints: ...


def several_labels(
    table: Table,
    matrix: Features,
    recipe: Recipe,
    decisions: list[Decision],
    clock: Clock,
    progress: Progress | None,
) -> tuple[LabelResults, Callable[[Ints], Floats]]:
    """Fit a head of one output a label and measure it; also what gives probabilities of rows."""
    train = table.rows("train")
    with clock.step("head"):
        targets = table.targets[train]
        contents = np.column_stack([matrix.row[train], targets])
        _, first, inverse, counts = np.unique(
            contents, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        fit = fit_labels(
            matrix.values[matrix.row[train[first]]],
            targets[first],
            table.fold[train[first]],
            classes=table.classes,
            sample_weights=counts.astype(np.float64),
            balanced=recipe.class_weights == "balanced",
            grid=L2_GRID if recipe.l2 == "auto" else recipe.l2,
            progress=progress,
        )
    with clock.step("evaluation"):
        calibration = calibrate_labels(
            targets,
            fit.logits[inverse.reshape(-1)],
            table.fold[train],
            clip=recipe.clip,
            threshold=recipe.threshold,
        )

        def probabilities(rows: Ints) -> Floats:
            logits = fit.head.logits(matrix.values[matrix.row[rows]])
            return calibration.rules.probabilities(logits)

        strengths = ", ".join(f"{l2:.3g}" for l2 in dict.fromkeys(fit.l2))
        results = label_results(
            table,
            recipe,
            train,
            calibration,
            probabilities,
            progress,
            on=f"out-of-fold, {int(table.fold.max()) + 1} folds",
            head=fit.head,
            head_in_words=f"logistic regression of each label, L2 {strengths}",
            history=fit.rows,
            decisions=decisions,
        )
    return results, probabilities


def network_labels(
    table: Table,
    recipe: Recipe,
    parts: tuple[Ints, Ints],
    logits: Callable[[Ints], Floats],
    progress: Progress | None,
    **learnt: Any,
) -> tuple[LabelResults, Callable[[Ints], Floats]]:
    """Find the rules of a trained network on photos that validate, measure on those held out.

    Parameters
    ----------
    table : Table
    recipe : Recipe
    parts : (held, valid)
        Row numbers.
    logits : callable
        Row numbers to log odds float64 [n, K].
    progress : callable or None
    **learnt
        The other fields of `LabelResults`.
    """
    held, valid = parts
    rules = fit_rules(
        table.targets[valid], logits(valid), clip=clip_asked(recipe), threshold=recipe.threshold
    )

    def probabilities(rows: Ints) -> Floats:
        return rules.probabilities(logits(rows))

    proba = probabilities(held)
    calibration = LabelCalibration(rules, proba, rules.answers(proba))
    results = label_results(table, recipe, held, calibration, probabilities, progress, **learnt)
    return results, probabilities


def label_parts(
    table: Table, recipe: Recipe, held: Ints, rest: Ints, valid: int
) -> tuple[Ints, Ints]:
    """Rows that train and rows that validate, one part in `valid`, out of those not held out.

    Raises
    ------
    PhotosError
        A label that is on no photo, or on every photo, of one of the three parts.
    """
    part = assign_label_folds(
        table.targets[rest], table.group[rest], n_folds=valid, seed=recipe.seed + 1
    )
    train, validates = rest[part != 0], rest[part == 0]
    for rows, verb in ((held, "held out"), (validates, "validate"), (train, "train")):
        carried = table.targets[rows]
        bad = np.flatnonzero(carried.all(axis=0) | ~carried.any(axis=0))
        if len(bad):
            raise PhotosError(
                f"{table.photos.location}: photos with or without label "
                f"{table.classes[int(bad[0])]!r} are too few for the part {verb}; a recipe with "
                "phases wants them to train, to validate and to hold out; add photos"
            )
    return train, validates


def clip_asked(recipe: Recipe) -> Literal["auto"] | float:
    """The clip of the recipe, or of its phase that calibrates."""
    return next((one.clip for one in recipe.phases if isinstance(one, Calibrate)), recipe.clip)


def label_results(
    table: Table,
    recipe: Recipe,
    evaluated: Ints,
    calibration: LabelCalibration,
    probabilities: Callable[[Ints], Floats],
    progress: Progress | None,
    **learnt: Any,
) -> LabelResults:
    """Measure the evaluated rows and the held-out splits.

    Parameters
    ----------
    table : Table
    recipe : Recipe
    evaluated : ndarray of int64
        Rows of the calibration's probabilities and answers.
    calibration : LabelCalibration
    probabilities : callable
        Row numbers to float64 [n, K], by the model that ships.
    progress : callable or None
    **learnt
        The other fields of `LabelResults`.
    """
    own = measured_labels(
        table, recipe, evaluated, calibration.proba, calibration.answers, progress
    )
    rules: LabelRules = calibration.rules
    held = {}
    for split in HELD_OUT:
        rows = table.rows(split)
        if len(rows):
            proba = probabilities(rows)
            held[split] = measured_labels(
                table, recipe, rows, proba, rules.answers(proba), progress
            )
    return LabelResults(
        table=table,
        recipe=recipe,
        evaluated=evaluated,
        calibration=calibration,
        metrics=own.overall,
        by_label=own.by_label,
        held_out={split: found.overall for split, found in held.items()},
        held_by_label={split: found.by_label for split, found in held.items()},
        **learnt,
    )
