"""Training on frozen features: those of all backbones side by side, under the default head."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...base import Clock, Progress
from ...features import FeatureExtractors, FeatureMatrix
from ._default_head import FittedHead, fit_head
from ._int8 import int8_pays, try_int8
from ._label_sets import fit_label_sets
from ._measure import measured, measured_splits
from ._method import Fitted, TrainingJob, TrainingMethod
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["FrozenTraining", "one_label_results"]


class FrozenTraining(TrainingMethod):
    """A training that extracts features, fits the default head, and measures it out-of-fold."""

    _extractors: FeatureExtractors

    def prepare(self) -> None:
        """Open the backbones."""
        self._extractors = self.job.open_extractors()

    def train(self, clock: Clock, progress: Progress | None) -> Fitted:
        """Extract, fit, calibrate and measure."""
        job = self.job
        trains = len(job.table.rows("train"))
        if int8_pays(job.options, trains, self._extractors.backbones):
            with clock.step("precision"):
                taken, words = try_int8(job, progress)
                if taken:
                    job.calibrate(self._extractors)
            table = replace(job.table, notes=[*job.table.notes, words])
            job = replace(job, table=table)
        with clock.step("features"):
            matrix = self._extractors.extract(job.pictures(), complete=True, progress=progress)
        if job.recipe.labels == "several":
            return Fitted(fit_label_sets(job, matrix, clock, progress), matrix)
        with clock.step("head"):
            head = fit_head(job.table, matrix, job.recipe, progress)
        with clock.step("evaluation"):
            return Fitted(one_label_results(job, matrix, head), matrix)


def one_label_results(job: TrainingJob, matrix: FeatureMatrix, head: FittedHead) -> OneLabelResults:
    """Measure a fitted head on photos that each fold's model had not seen, and on other splits."""
    table, recipe, calibration = job.table, job.recipe, head.calibration
    train = table.rows("train")
    return OneLabelResults(
        table=table,
        recipe=recipe,
        evaluated=train,
        on=f"out-of-fold, {int(table.fold.max()) + 1} folds",
        head=head.fit.head,
        head_in_words=head.fit.in_words(),
        history=head.fit.rows,
        calibration=calibration,
        metrics=measured(table, recipe, train, calibration.proba),
        held_out=measured_splits(table, recipe, matrix, head.fit.head, calibration),
        decisions=job.decisions,
        cleaning=head.cleaning,
        left_out=_left_out(train, head),
    )


def _left_out(train: npt.NDArray[np.int64], head: FittedHead) -> npt.NDArray[np.int64]:
    """Return the rows with suspect labels, on which the head that ships did not train."""
    if head.cleaning is None or not head.cleaning.shipped:
        return train[:0]
    return train[head.cleaning.suspect]
