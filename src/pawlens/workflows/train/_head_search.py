"""A run that searches: heads on frozen features, compared out-of-fold, the best measured apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...audit import Decision
from ...backbones import Backbone
from ...base import Clock, Progress, require
from ...errors import PhotosError
from ...heads import Head, HeadBudget, HeadTrainer, fit_logistic
from ...metrics import Calibration, Interval, paired_difference
from ...photos import Table
from ...recipes import Recipe, Search
from ..search import Study, head_plan, open_storage, summary, try_heads
from ._default_head import distinct_rows
from ._frozen import Matrix, open_backbones, side_by_side
from ._method import (
    Outcome,
    Settings,
    Training,
    as_shipped,
    measured,
    measured_splits,
    trimmed_rows,
)
from ._network import calibrated_on
from ._results_one_label import Results

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["JOURNAL", "search_training", "study_name"]

JOURNAL = "trials.journal"
"""Every trial, in the run folder, where no other storage is wanted."""

_LEAST_FOLDS = 3
_COMPARED: tuple[Literal["log_loss", "accuracy"], ...] = ("log_loss", "accuracy")


def search_training(
    table: Table, settings: Settings, decisions: list[Decision], cache: Path, work: Path
) -> Training:
    """Open the backbones; what is returned searches on their features and measures the best head.

    Fold 0 is held out. Trials are compared out-of-fold on the others; the best is trained anew on
    all of these, and is measured on fold 0 beside the default head, which had the same photos.
    Trials are kept beside `work`, in the run folder, or in the storage of the settings.
    """
    require("optuna", extra="tune")
    recipe = settings.recipe
    _check_folds(table)
    opened = open_backbones(table, settings, cache)
    storage = open_storage(settings.storage) if settings.storage else None

    def train(clock: Clock, progress: Progress | None) -> Outcome:
        with clock.step("features"):
            trimmed = trimmed_rows(table, recipe)
            matrix = side_by_side(table, opened, trimmed, cache, progress)
        race = _Race(table, recipe, matrix)
        with clock.step("search"):
            kept = storage or open_storage(work.parent / JOURNAL)
            found = race.run(kept, progress)
        with clock.step("head"):
            best, default = race.best(found), race.default(progress)
        with clock.step("evaluation"):
            return race.outcome(found, best, default, decisions)

    return train


@dataclass(frozen=True)
class _Fitted:
    """A head on all photos of the search, with its out-of-fold logits and its answers held out."""

    head: Head
    calibration: Calibration


class _Race:
    """Heads on the features of the photos that are not held out."""

    def __init__(self, table: Table, recipe: Recipe, matrix: Matrix) -> None:
        self._table, self._recipe, self._matrix = table, recipe, matrix
        rows = table.rows("train")
        self._seen, self._held = rows[table.fold[rows] != 0], rows[table.fold[rows] == 0]
        self._data = distinct_rows(table, self._seen, matrix.values, matrix.row, recipe)
        self._number, self._phase = next(
            (i, one) for i, one in enumerate(recipe.phases) if isinstance(one, Search)
        )

    def run(self, storage: Any, progress: Progress | None) -> dict[str, Any]:
        """Search; what was found as plain data."""
        data, phase, seed = self._data, self._phase, self._recipe.seed
        self._trainer = HeadTrainer(
            data.features,
            data.labels,
            data.fold - 1,
            n_classes=data.n_classes,
            sample_weights=data.weights,
            budget=HeadBudget(phase.epochs, phase.patience, phase.batch, seed),
        )
        name = study_name(
            self._table, self._recipe, self._seen, self._matrix.backbones, self._matrix.precisions
        )
        with Study(phase, storage, name, seed) as study:
            try_heads(study, self._trainer, progress)
            return summary(study)

    def best(self, found: Mapping[str, Any]) -> _Fitted:
        """The best plan, once more out-of-fold for its calibration, then on all photos."""
        plan = head_plan(found["best"]["values"])
        (trial,) = self._trainer.cross_validate([plan])
        return self._fitted(self._trainer.fit(plan, trial.best), trial.logits)

    def default(self, progress: Progress | None) -> _Fitted:
        """The default head, which has the same photos."""
        data = self._data
        fit = fit_logistic(
            data.features,
            data.labels,
            data.fold - 1,
            n_classes=data.n_classes,
            sample_weights=data.weights,
            progress=progress,
        )
        return self._fitted(fit.head, fit.logits)

    def outcome(
        self, found: dict[str, Any], best: _Fitted, default: _Fitted, decisions: list[Decision]
    ) -> Outcome:
        """Measure the best head on the photos held out, also against the default head."""
        table, recipe, matrix, held = self._table, self._recipe, self._matrix, self._held

        def features(rows: Ints) -> npt.NDArray[np.float32]:
            return matrix.values[matrix.row[rows]]

        def probabilities(rows: Ints) -> Floats:
            return as_shipped(best.head, best.calibration, features(rows))

        metrics = measured(table, recipe, held, best.calibration.proba)
        found["against_default"] = self._against(metrics, best, default)
        results = Results(
            table=table,
            recipe=recipe,
            evaluated=held,
            on=f"one held-out fold of {int(table.fold.max()) + 1}",
            head=best.head,
            head_in_words=f"the best of {len(found['trials'])} that were tried",
            history=self._history(found),
            calibration=best.calibration,
            metrics=metrics,
            held_out=measured_splits(table, recipe, probabilities),
            decisions=decisions,
            search=found,
        )
        return Outcome(
            results, matrix.backbones, matrix.precisions, matrix.extracted, features, probabilities
        )

    def _against(
        self, metrics: Mapping[str, Interval], best: _Fitted, default: _Fitted
    ) -> dict[str, Any]:
        """Log loss and accuracy of both, and how they differ photo by photo, as plain data."""
        table, recipe, held = self._table, self._recipe, self._held
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

    def _fitted(self, head: Head, logits: Floats) -> _Fitted:
        table, matrix = self._table, self._matrix
        answers = head.logits(matrix.values[matrix.row[self._held]])
        own = logits[self._data.photo]
        return _Fitted(head, calibrated_on(table, own, answers, self._seen, self._recipe))

    def _history(self, found: Mapping[str, Any]) -> list[dict[str, Any]]:
        start = {"phase": self._number, "do": "search"}
        loss = found["best"]["loss"]
        words = f"Tried {len(found['trials'])} heads; least out-of-fold loss {loss:.4f}"
        trials = [{"phase": self._number, "do": "trial", **row} for row in found["trials"]]
        return [start | {"words": words}, *trials]


def study_name(
    table: Table,
    recipe: Recipe,
    rows: Ints,
    backbones: Sequence[Backbone],
    precisions: Sequence[str],
) -> str:
    """What trials must have in common to be compared: recipe, photos, labels, folds, backbones.

    How many there are, and how they are drawn, may change.
    """
    values = recipe.model_dump(exclude={"about", "backbones"})
    for phase in values["phases"]:
        if phase["do"] == "search":
            for key in ("trials", "together", "sampler"):
                del phase[key]
    trimmed = trimmed_rows(table, recipe)
    facts = [
        values,
        [table.scans[int(row)].sha256 for row in rows],
        [part[rows].tolist() for part in (table.label, table.fold)],
        [int(row) in trimmed for row in rows],
        [(one.weights_hash, one.spec.preprocessing_hash) for one in backbones],
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
