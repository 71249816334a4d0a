"""A search over heads on frozen features; the best head is measured on a held-out fold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ...backbones import Backbone
from ...base import Clock, Progress, require
from ...errors import PhotosError
from ...features import FeatureExtractors, FeatureMatrix
from ...heads import Head, HeadBudget, HeadTrainer, fit_logistic
from ...metrics import Calibration, Interval, paired_difference
from ...photos import Table
from ...recipes import Search
from ..search import Study, head_plan, open_storage, summary, try_heads
from ._default_head import distinct_rows
from ._measure import measured, measured_splits
from ._method import Fitted, TrainingJob, TrainingMethod
from ._network import calibrated_on
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["JOURNAL", "HeadSearch", "study_name"]

JOURNAL = "trials.journal"
"""Every trial, in the run folder, where no other storage is wanted."""

_LEAST_FOLDS = 3
_COMPARED: tuple[Literal["log_loss", "accuracy"], ...] = ("log_loss", "accuracy")


class HeadSearch(TrainingMethod):
    """A training that tries heads on the features of the photos, and measures the best one.

    Fold 0 is held out. Trials are compared out-of-fold on the others; the best is trained anew on
    all of these, and is measured on fold 0 beside the default head, which had the same photos.
    Trials are kept in the run folder, or in the storage of the options.
    """

    _extractors: FeatureExtractors
    _storage: Any

    def prepare(self) -> None:
        """Open the backbones and the storage."""
        require("optuna", extra="tune")
        _check_folds(self.job.table)
        self._extractors = self.job.open_extractors()
        named = self.job.options.storage
        self._storage = open_storage(named) if named else None

    def train(self, clock: Clock, progress: Progress | None) -> Fitted:
        """Extract, search, train the best head on all photos of the search, and measure it."""
        job = self.job
        with clock.step("features"):
            matrix = self._extractors.extract(job.pictures(), complete=True, progress=progress)
        contest = _Contest(job, matrix)
        with clock.step("search"):
            storage = self._storage or open_storage(job.work.parent / JOURNAL)
            report = contest.search(storage, progress)
        with clock.step("head"):
            best, default = contest.best(report), contest.default(progress)
        with clock.step("evaluation"):
            return Fitted(contest.results(report, best, default), matrix)


@dataclass(frozen=True)
class _Candidate:
    """A calibrated head, fitted on all photos of the search, with its held-out logits."""

    head: Head
    calibration: Calibration


class _Contest:
    """A contest of heads on the features of the photos that are not held out."""

    def __init__(self, job: TrainingJob, matrix: FeatureMatrix) -> None:
        self._job, self._matrix = job, matrix
        table, recipe = job.table, job.recipe
        rows = table.rows("train")
        self._seen, self._held = rows[table.fold[rows] != 0], rows[table.fold[rows] == 0]
        self._data = distinct_rows(table, self._seen, matrix, recipe)
        ((self._number, self._phase),) = recipe.phases_of(Search).items()
        self._trainer = HeadTrainer(
            self._data.features,
            self._data.labels,
            self._data.fold - 1,
            n_classes=self._data.n_classes,
            sample_weights=self._data.weights,
            budget=HeadBudget(
                self._phase.epochs, self._phase.patience, self._phase.batch, recipe.seed
            ),
        )

    def search(self, storage: Any, progress: Progress | None) -> dict[str, Any]:
        """Run the trials, and return their summary as plain data."""
        job, matrix = self._job, self._matrix
        name = study_name(job, self._seen, matrix.backbones, matrix.precisions)
        with Study(self._phase, storage, name, job.recipe.seed) as study:
            try_heads(study, self._trainer, progress)
            return summary(study)

    def best(self, report: Mapping[str, Any]) -> _Candidate:
        """Fit the best plan: out-of-fold once more for its calibration, then on all photos."""
        plan = head_plan(report["best"]["values"])
        (trial,) = self._trainer.cross_validate([plan])
        return self._calibrated(self._trainer.fit(plan, trial.best), trial.logits)

    def default(self, progress: Progress | None) -> _Candidate:
        """Fit the default head on the same photos."""
        data = self._data
        fit = fit_logistic(
            data.features,
            data.labels,
            data.fold - 1,
            n_classes=data.n_classes,
            sample_weights=data.weights,
            progress=progress,
        )
        return self._calibrated(fit.head, fit.logits)

    def results(
        self, report: Mapping[str, Any], best: _Candidate, default: _Candidate
    ) -> OneLabelResults:
        """Measure the best head on the photos held out, also against the default head."""
        job, held = self._job, self._held
        table, recipe = job.table, job.recipe
        metrics = measured(table, recipe, held, best.calibration.proba)
        return OneLabelResults(
            table=table,
            recipe=recipe,
            evaluated=held,
            on=f"one held-out fold of {int(table.fold.max()) + 1}",
            head=best.head,
            head_in_words=f"the best of {len(report['trials'])} that were tried",
            history=self._history(report),
            calibration=best.calibration,
            metrics=metrics,
            held_out=measured_splits(table, recipe, self._matrix, best.head, best.calibration),
            decisions=job.decisions,
            search={**report, "against_default": self._against(metrics, best, default)},
        )

    def _against(
        self, metrics: Mapping[str, Interval], best: _Candidate, default: _Candidate
    ) -> dict[str, Any]:
        """Return log loss and accuracy of both heads, and their difference photo by photo."""
        table, recipe, held = self._job.table, self._job.recipe, self._held
        proba = best.calibration.proba, default.calibration.proba
        other = measured(table, recipe, held, proba[1])
        gap, accuracy_gap = (
            paired_difference(
                table.label[held],
                *proba,
                metric=metric,
                seed=recipe.seed,
                groups=table.group[held],
            )
            for metric in _COMPARED
        )
        return {
            **{
                name: {"best": asdict(metrics[name]), "default": asdict(other[name])}
                for name in _COMPARED
            },
            "difference": asdict(gap),
            "accuracy_difference": asdict(accuracy_gap),
        }

    def _calibrated(self, head: Head, logits: Floats) -> _Candidate:
        table, recipe = self._job.table, self._job.recipe
        answers = head.logits(self._matrix.of(self._held))
        of_photos = logits[self._data.photo]
        return _Candidate(head, calibrated_on(table, of_photos, answers, self._seen, recipe))

    def _history(self, report: Mapping[str, Any]) -> list[dict[str, Any]]:
        start = {"phase": self._number, "do": "search"}
        loss = report["best"]["loss"]
        words = f"Tried {len(report['trials'])} heads; least out-of-fold loss {loss:.4f}"
        trials = [{"phase": self._number, "do": "trial", **row} for row in report["trials"]]
        return [start | {"words": words}, *trials]


def study_name(
    job: TrainingJob, rows: Ints, backbones: Sequence[Backbone], precisions: Sequence[str]
) -> str:
    """Name a study by all that its trials must share: recipe, photos, labels, folds, backbones.

    The number of trials, and how they are drawn, may change.
    """
    table = job.table
    values = job.recipe.model_dump(exclude={"about", "backbones"})
    for phase in values["phases"]:
        if phase["do"] == "search":
            for key in ("trials", "together", "sampler"):
                del phase[key]
    facts = [
        values,
        [table.scans[int(row)].sha256 for row in rows],
        [part[rows].tolist() for part in (table.label, table.fold)],
        [int(row) in job.trimmed for row in rows],
        [(backbone.weights_hash, backbone.spec.preprocessing_hash) for backbone in backbones],
        list(precisions),
    ]
    return f"pawlens-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]}"


def _check_folds(table: Table) -> None:
    folds = int(table.fold.max()) + 1
    if folds < _LEAST_FOLDS:
        raise PhotosError(
            f"{table.photos.location}: {folds} folds; a search needs {_LEAST_FOLDS}: one is held "
            "out, the others answer each other; set folds, or add photos to the rarest class"
        )
