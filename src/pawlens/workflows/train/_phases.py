"""What phases do before the training and after the export of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...base import Progress
from ...models import Model, predictions_csv
from ...photos import Photos
from ...recipes import Recipe
from ...runs import RunFolder
from .._explore import write_exploration
from ._method import TrainingJob
from ._results import TrainingResults

__all__ = ["PhasesOfRun", "with_views"]


class PhasesOfRun:
    """A run as its phases see it: the `RunSteps` that they are given.

    Parameters
    ----------
    folder : RunFolder
    job : TrainingJob
    progress : callable or None

    Attributes
    ----------
    views : dict
        Metrics with test-time augmentation, where a phase has measured them.
    """

    _model: Model
    _results: TrainingResults

    def __init__(self, folder: RunFolder, job: TrainingJob, progress: Progress | None) -> None:
        self.job, self.progress = job, progress
        self._folder = folder
        self.views: dict[str, Any] = {}

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self._folder.path

    @property
    def recipe(self) -> Recipe:
        """The recipe of the run."""
        return self.job.recipe

    @property
    def photos(self) -> Photos:
        """All photos of the run."""
        return self.job.table.photos

    def exported(self, model: Model, results: TrainingResults) -> None:
        """Take the model that the phases after the export ask."""
        self._model, self._results = model, results

    def explore(self) -> None:
        """Write ``explore.html``."""
        page = self._folder.exploration_path
        write_exploration(self.photos, page, cache_dir=self.job.cache, progress=self.progress)

    def predict(self, photos: str) -> None:
        """Answer other photos into ``predictions.csv``."""
        others = Photos.read(photos, labels=False)
        answers = self._model.answer(others, progress=self.progress)
        self._folder.write_predictions(predictions_csv(answers))

    def evaluate(self, views: Sequence[str]) -> None:
        """Measure the exported model on the photos held out, also with these views."""
        self.views = with_views(self._model, self._results, views, self.progress)


def with_views(
    model: Model, results: TrainingResults, names: Sequence[str], progress: Progress | None
) -> dict[str, Any]:
    """Metrics of the held-out photos with and without test-time augmentation, and their gap.

    Both are answers of the exported model to whole photos. Photos that cannot be read any more are
    left out and named; nothing is measured where none is left.
    """
    photos = results.table.photos.subset(results.evaluated.tolist())
    plain, varied = (
        model.answer(photos, views=views, progress=progress).proba for views in ((), names)
    )
    read = ~np.isnan(plain[:, 0]) & ~np.isnan(varied[:, 0])
    if not read.any():
        return {}
    measured = replace(results, evaluated=results.evaluated[read])
    plain, varied = plain[read], varied[read]
    return {
        "views": list(names),
        "log_loss": {
            "plain": asdict(measured.log_loss(plain)),
            "views": asdict(measured.log_loss(varied)),
        },
        "difference": asdict(measured.difference(varied, plain)),
        "no longer readable": [photos.paths[row] for row in np.flatnonzero(~read)],
    }
