"""A trained classifier measured on other labelled photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._errors import PhotosError
from ._parallel import Progress
from .evaluation import Interval, evaluate
from .export import Model
from .photos import Photos

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """Metrics with intervals, and the photos that had no part in them.

    Attributes
    ----------
    photos : int
    metrics : dict of Interval
    skipped : list of (path, reason)
    """

    photos: int
    metrics: dict[str, Interval]
    skipped: list[tuple[str, str]]


def judge(model: Model, photos: Photos, *, progress: Progress | None = None) -> Verdict:
    """Predict labelled photos and compare; classes are matched by name.

    Raises
    ------
    PhotosError
        A label that the model does not know, or no labelled photo that can be read.
    """
    unknown = sorted(set(photos.classes) - set(model.classes_))
    if unknown:
        raise PhotosError(
            f"{photos.location}: class {unknown[0]!r} is unknown to the model, which knows "
            f"{', '.join(model.classes_)}; rename the folder or leave it out"
        )
    answers = model.answer(photos, progress=progress)
    skipped, rows, labels = [], [], []
    for row, (photo, status) in enumerate(zip(photos, answers.status, strict=True)):
        if status != "ok":
            skipped.append((photo.path, status))
        elif photo.label is None:
            skipped.append((photo.path, "several labels" if photo.labels else "no label"))
        else:
            rows.append(row)
            labels.append(model.classes_.index(photo.label))
    if not rows:
        raise PhotosError(f"{photos.location}: no labelled photo that can be read")
    metrics = evaluate(np.array(labels), answers.proba[rows], model.classes_)
    return Verdict(len(rows), metrics, skipped)
