"""Runs of several labels a photo: heads on frozen features, and trained networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...base import Clock, Progress
from ...errors import PhotosError
from ...features import FeatureMatrix
from ...heads import L2_GRID, Head, fit_labels
from ...metrics import LabelCalibration, calibrate_labels, fit_rules
from ...photos import Table, assign_label_folds
from ...recipes import Calibrate, Recipe
from ...runs import HELD_OUT
from ._method import TrainingJob
from ._results_label_sets import LabelSetResults, measured_labels

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["clip_asked", "fit_label_sets", "label_parts", "network_label_sets"]


def fit_label_sets(
    job: TrainingJob, matrix: FeatureMatrix, clock: Clock, progress: Progress | None
) -> LabelSetResults:
    """Fit a head of one output a label on the features of the photos, and measure it."""
    table, recipe = job.table, job.recipe
    train = table.rows("train")
    with clock.step("head"):
        targets = table.targets[train]
        contents = np.column_stack([matrix.row[train], targets])
        _, first, inverse, counts = np.unique(
            contents, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        fit = fit_labels(
            matrix.of(train[first]),
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
        strengths = ", ".join(f"{l2:.3g}" for l2 in dict.fromkeys(fit.l2))
        return label_results(
            job,
            matrix,
            train,
            calibration,
            progress,
            on=f"out-of-fold, {int(table.fold.max()) + 1} folds",
            head=fit.head,
            head_in_words=f"logistic regression of each label, L2 {strengths}",
            history=fit.rows,
        )


def network_label_sets(
    job: TrainingJob,
    matrix: FeatureMatrix,
    head: Head,
    held: Ints,
    valid: Ints,
    progress: Progress | None,
    **fields: Any,
) -> LabelSetResults:
    """Find the rules of a trained network on photos that validate, measure on those held out.

    Parameters
    ----------
    job : TrainingJob
    matrix : FeatureMatrix
    head : Head
    held, valid : ndarray of int64
        Row numbers.
    progress : callable or None
    **fields
        The other fields of `LabelSetResults`.
    """
    recipe = job.recipe
    rules = fit_rules(
        job.table.targets[valid],
        head.logits(matrix.of(valid)),
        clip=clip_asked(recipe),
        threshold=recipe.threshold,
    )
    proba = rules.probabilities(head.logits(matrix.of(held)))
    calibration = LabelCalibration(rules, proba, rules.answers(proba))
    return label_results(job, matrix, held, calibration, progress, head=head, **fields)


def label_parts(
    table: Table, recipe: Recipe, held: Ints, rest: Ints, valid: int
) -> tuple[Ints, Ints]:
    """Deal the rows that are not held out: those that train, and one part in `valid` to validate.

    Raises
    ------
    PhotosError
        In one of the three parts, a label is on no photo or on every photo.
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
    """Return the clip of the recipe, or of its phase that calibrates."""
    return next((one.clip for one in recipe.phases_of(Calibrate).values()), recipe.clip)


def label_results(
    job: TrainingJob,
    matrix: FeatureMatrix,
    evaluated: Ints,
    calibration: LabelCalibration,
    progress: Progress | None,
    *,
    head: Head,
    **fields: Any,
) -> LabelSetResults:
    """Measure the evaluated rows and the held-out splits.

    Parameters
    ----------
    job : TrainingJob
    matrix : FeatureMatrix
    evaluated : ndarray of int64
        Rows of the calibration's probabilities and answers.
    calibration : LabelCalibration
    progress : callable or None
    head : Head
        The head that ships.
    **fields
        The other fields of `LabelSetResults`.
    """
    table, recipe = job.table, job.recipe
    overall = measured_labels(
        table, recipe, evaluated, calibration.proba, calibration.answers, progress
    )
    held = {}
    for split in HELD_OUT:
        rows = table.rows(split)
        if len(rows):
            proba = calibration.probabilities(head.logits(matrix.of(rows)))
            held[split] = measured_labels(
                table, recipe, rows, proba, calibration.rules.answers(proba), progress
            )
    return LabelSetResults(
        table=table,
        recipe=recipe,
        evaluated=evaluated,
        calibration=calibration,
        metrics=overall.overall,
        by_label=overall.by_label,
        held_out={split: found.overall for split, found in held.items()},
        held_by_label={split: found.by_label for split, found in held.items()},
        head=head,
        decisions=job.decisions,
        **fields,
    )
