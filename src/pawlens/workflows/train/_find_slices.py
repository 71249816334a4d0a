"""Slices of the photos that a run was measured on, by traits of files, pictures and the list."""

from __future__ import annotations

import numpy as np

from ...base import Progress
from ...metrics import photo_losses
from ...trust import Slices, measure_slices
from .._photo_traits import photo_traits
from ._method import TrainingJob
from ._results_one_label import OneLabelResults

__all__ = ["find_slices"]

_MOST = 2000  # photos, whose pictures are measured


def find_slices(
    job: TrainingJob, results: OneLabelResults, progress: Progress | None = None
) -> Slices:
    """Measure slices of up to 2,000 of the evaluated photos; see `measure_slices`."""
    table, evaluated = results.table, results.evaluated
    rng = np.random.default_rng(results.recipe.seed)
    places = np.sort(rng.permutation(len(evaluated))[:_MOST])
    rows, proba = evaluated[places], results.calibration.proba[places]
    photos = table.photos.subset(rows.tolist())
    return measure_slices(
        proba.argmax(axis=1) == table.label[rows],
        photo_losses(table.label[rows], proba),
        photo_traits(photos, cache_dir=job.cache, progress=progress),
        groups=table.group[rows],
        seed=results.recipe.seed,
    )
