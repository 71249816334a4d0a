"""Phases around the training: a look at the photos before it, other views and photos after it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Progress
from ...models import Model, load, predictions_csv
from ...photos import Photos
from ...recipes import Evaluate, Explore, Predict, Recipe
from ...runs import RunFolder
from .._explore import write_exploration
from ._results import Learnt

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["after_export", "before_training"]


def before_training(
    folder: RunFolder, photos: Photos, recipe: Recipe, cache: Path, progress: Progress | None
) -> None:
    """Write ``explore.html`` where the recipe asks for it."""
    if any(isinstance(phase, Explore) for phase in recipe.phases):
        write_exploration(photos, folder.path / "explore.html", cache_dir=cache, progress=progress)


def after_export(folder: RunFolder, results: Learnt, progress: Progress | None) -> Learnt:
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
    model: Model, results: Learnt, phase: Evaluate, progress: Progress | None
) -> dict[str, Any]:
    """Metrics of the held-out photos with and without test-time augmentation, and their gap.

    Both are answers of the exported model to whole photos.
    """
    photos = results.table.photos.subset(results.evaluated.tolist())
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name, views in (("plain", ()), ("views", tuple(phase.views))):
        found[name] = model.answer(photos, views=views, progress=progress).proba
    return {
        "views": list(phase.views),
        "log_loss": {name: asdict(results.log_loss(proba)) for name, proba in found.items()},
        "difference": asdict(results.difference(found["views"], found["plain"])),
    }
