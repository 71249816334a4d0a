"""What the photos of a run are like, kept so that later ones can be compared with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...base import Progress
from ...models import load
from .._reference import picture_measures, reference_columns, sample_rows
from ._method import Fitted, TrainingJob

__all__ = ["keep_reference"]


def keep_reference(
    model: Path, job: TrainingJob, fitted: Fitted, progress: Progress | None = None
) -> dict[str, Any]:
    """Measure up to 1,000 of the evaluated photos, on which no weight of a network was trained.

    Parameters
    ----------
    model : Path
        The exported model.
    job : TrainingJob
    fitted : Fitted
    progress : callable, optional

    Returns
    -------
    dict
        Columns of ``reference.parquet``.
    """
    results, table = fitted.results, fitted.results.table
    place_of = {int(row): place for place, row in enumerate(results.evaluated)}
    rows = sample_rows(results.evaluated, table.group[results.evaluated], results.recipe.seed)
    photos = table.photos.subset(rows.tolist())
    features = fitted.matrix.of(rows)
    if any(precision.startswith("int8") for precision in fitted.matrix.precisions):
        features = load(model).embed(photos, progress=progress).values  # as later photos will be
    seen = np.flatnonzero(~np.isnan(features).any(axis=1))
    best = results.proba.argmax(axis=1)
    return reference_columns(
        features[seen],
        [backbone.spec.feature_dim for backbone in fitted.matrix.backbones],
        [table.classes[best[place_of[int(row)]]] for row in rows[seen]],
        {
            name: values[seen]
            for name, values in picture_measures(
                photos, cache_dir=job.cache, progress=progress
            ).items()
        },
    )
