"""What a run knows of its own answers: sets, abstention, *neither*, and wrong labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Progress
from ...heads import unit_rows
from ...metrics import mean_interval
from ...runs import HELD_OUT
from ...trust import (
    NEITHER,
    Answered,
    AnswerRules,
    Examples,
    NeitherScore,
    cost_matrix,
    fit_neither,
    measure_split,
    measured_rules,
    parts_of,
    true_accuracy,
)
from .._photo_times import photo_times
from ._examples import NeitherExamples
from ._method import Fitted, TrainingJob
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["Trust", "find_trust"]


@dataclass(frozen=True)
class Trust:
    """The rules of answers of a run, and how they did on photos that they were not found on.

    Attributes
    ----------
    rules : AnswerRules
    neither : NeitherScore or None
        None where photos are too few, or a class has that name.
    facts : dict
        Figures as plain values, for ``metrics.json`` and the report.
    """

    rules: AnswerRules
    neither: NeitherScore | None
    facts: dict[str, Any]


def find_trust(
    job: TrainingJob,
    fitted: Fitted,
    examples: NeitherExamples | None = None,
    progress: Progress | None = None,
) -> Trust:
    """Find the rules by which the answers of a run are given, and measure them out-of-fold."""
    results, recipe = fitted.results, job.recipe
    rows = results.evaluated
    part = parts_of(job.table.fold[rows], job.table.group[rows], recipe.seed)
    taught = None if examples is None else examples.features(job, fitted, progress)
    score = _neither(job, fitted, part, taught)
    alarms = None if score is None else score.false_alarms
    facts: dict[str, Any] = {NEITHER: {"false_alarms": alarms, **_alarms(job, fitted, score)}}
    if examples is not None and score is not None:
        facts[NEITHER]["examples"] = examples.facts(score)
    if not isinstance(results, OneLabelResults):
        return Trust(AnswerRules(false_alarms=alarms), score, facts)
    y, proba, groups = job.table.label[rows], results.proba, job.table.group[rows]
    asked: dict[str, Any] = {
        "sets": recipe.sets,
        "sets_by_class": recipe.sets_by_class,
        "risk": recipe.risk,
        "coverage": recipe.coverage,
        "costs": cost_matrix(recipe.costs, job.table.classes),
    }
    rules, told = measured_rules(
        y,
        proba,
        job.table.classes,
        part,
        groups=groups,
        when=photo_times(job.table.photos, job.table.scans, cache_dir=job.cache)[rows],
        seed=recipe.seed,
        false_alarms=alarms,
        **asked,
    )
    facts |= told
    logits = results.calibration.logits
    facts["true_labels"] = asdict(true_accuracy(logits, y, proba.argmax(axis=1), seed=recipe.seed))
    known = Answered(y, proba, groups)
    for split, own in _splits(job):
        others = Answered(job.table.label[own], fitted.probabilities(own), job.table.group[own])
        facts.setdefault("splits", {})[split] = measure_split(
            rules, known, others, job.table.classes, seed=recipe.seed
        )
    return Trust(rules, score, facts)


def _neither(
    job: TrainingJob, fitted: Fitted, part: Ints, examples: Examples | None
) -> NeitherScore | None:
    """Fit the score on photos that train; where one fold is measured, its threshold on that."""
    results, matrix, classes = fitted.results, fitted.matrix, job.table.classes
    if NEITHER in classes:
        return None
    rows, train = results.evaluated, job.table.rows("train")
    others = np.setdiff1d(train, rows)
    others = others[matrix.row[others] >= 0]
    logits = np.empty((len(rows), 0))
    if isinstance(results, OneLabelResults):
        logits = results.calibration.logits
    return fit_neither(
        _unit(fitted, rows),
        logits,
        part,
        false_alarms=job.recipe.neither,
        learn=_unit(fitted, others) if len(others) else None,
        examples=examples,
        seed=job.recipe.seed,
    )


def _alarms(job: TrainingJob, fitted: Fitted, score: NeitherScore | None) -> dict[str, Any]:
    """Measure how often photos of held-out splits are called neither."""
    found: dict[str, Any] = {}
    for split, rows in _splits(job) if score is not None else ():
        logits = fitted.results.head.logits(fitted.matrix.of(rows))
        if isinstance(fitted.results, OneLabelResults):
            logits = logits / fitted.results.calibration.temperature
        assert score is not None
        alarms = (score(_unit(fitted, rows), logits) >= 0.5).astype(np.float64)
        share = mean_interval(alarms, least=0, most=1, groups=job.table.group[rows])
        found.setdefault("splits", {})[split] = asdict(share)
    return found


def _splits(job: TrainingJob) -> Iterator[tuple[str, Ints]]:
    """Yield the labelled splits that do not train, with their rows."""
    for split in HELD_OUT:
        rows = job.table.rows(split)
        if len(rows):
            yield split, rows


def _unit(fitted: Fitted, rows: Ints) -> Floats32:
    """Return the features of rows, those of each backbone scaled to unit length."""
    values = fitted.matrix.of(rows)
    if fitted.results.head.unit:
        return values
    ends = np.cumsum([one.spec.feature_dim for one in fitted.matrix.backbones])[:-1]
    return np.hstack([unit_rows(part.copy()) for part in np.split(values, ends, axis=1)])
