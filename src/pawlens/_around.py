"""Phases around the training: a look at the photos before it, other views and photos after it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ._parallel import Progress
from ._results import Results
from .evaluation import evaluate, paired_difference
from .explore import write_exploration
from .export import Model, load, predictions_csv
from .photos import Photos
from .recipes import Evaluate, Explore, Predict, Recipe
from .runs import RunFolder

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["after_export", "before_training"]


def before_training(
    folder: RunFolder, photos: Photos, recipe: Recipe, cache: Path, progress: Progress | None
) -> None:
    """Write ``explore.html`` where the recipe asks for it."""
    if any(isinstance(phase, Explore) for phase in recipe.phases):
        write_exploration(photos, folder.path / "explore.html", cache_dir=cache, progress=progress)


def after_export(folder: RunFolder, results: Results, progress: Progress | None) -> Results:
    """Measure the exported model with other views, and answer other photos, where asked for."""
    wanted = [one for one in results.recipe.phases if isinstance(one, Evaluate | Predict)]
    if not wanted:
        return results
    model = load(folder.path / "model.onnx")
    views: dict[str, Any] = {}
    for phase in wanted:
        if isinstance(phase, Predict):
            answers = model.answer(Photos.read(phase.photos, labels=False), progress=progress)
            folder.write("predictions.csv", predictions_csv(answers))
        elif phase.views:
            views = _with_views(model, results, phase, progress)
    return replace(results, views=views)


def _with_views(
    model: Model, results: Results, phase: Evaluate, progress: Progress | None
) -> dict[str, Any]:
    """Metrics of the held-out photos with and without test-time augmentation, and their gap.

    Both are answers of the exported model to whole photos.
    """
    table, rows = results.table, results.evaluated
    photos, label = table.photos.subset(rows.tolist()), table.label[rows]
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name, views in (("plain", ()), ("views", tuple(phase.views))):
        found[name] = model.answer(photos, views=views, progress=progress).proba
    seed, groups = results.recipe.seed, table.group[rows]
    metrics = {
        name: evaluate(label, proba, table.classes, seed=seed, groups=groups)["log_loss"]
        for name, proba in found.items()
    }
    gap = paired_difference(label, found["views"], found["plain"], seed=seed, groups=groups)
    return {
        "views": list(phase.views),
        "log_loss": {name: asdict(one) for name, one in metrics.items()},
        "difference": asdict(gap),
    }
