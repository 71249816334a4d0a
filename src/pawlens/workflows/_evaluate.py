"""A trained classifier measured on other labelled photos."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..base import Progress
from ..errors import PhotosError
from ..metrics import Interval, evaluate, evaluate_labels
from ..models import Model
from ..photos import Photos, as_targets, is_none

__all__ = ["Evaluation", "evaluate_model"]


@dataclass(frozen=True)
class Evaluation:
    """Metrics with intervals, and the photos that had no part in them.

    Attributes
    ----------
    photos : int
        How many were measured.
    metrics : dict of Interval
    skipped : list of (path, reason)
    by_label : dict of str to dict of str to Interval
        Of each label, where the model gives several.
    """

    photos: int
    metrics: dict[str, Interval]
    skipped: list[tuple[str, str]]
    by_label: dict[str, dict[str, Interval]] = field(default_factory=dict)


def evaluate_model(model: Model, photos: Photos, *, progress: Progress | None = None) -> Evaluation:
    """Predict labelled photos and compare; classes are matched by name.

    Raises
    ------
    PhotosError
        A label that the model does not know, or no labelled photo that can be read.
    """
    several = model.facts.labels is not None
    found = {name for name in photos.classes if not (several and is_none(name))}
    unknown = sorted(found - set(model.classes_))
    if unknown:
        raise PhotosError(
            f"{photos.location}: class {unknown[0]!r} is unknown to the model, which knows "
            f"{', '.join(model.classes_)}; rename the folder or leave it out"
        )
    answers = model.answer(photos, progress=progress)
    skipped, rows = [], []
    for row, (photo, status) in enumerate(zip(photos, answers.status, strict=True)):
        if status != "ok":
            skipped.append((photo.path, status))
        elif not photo.labels or (photo.label is None and not several):
            skipped.append((photo.path, "several labels" if photo.labels else "no label"))
        else:
            rows.append(row)
    if not rows:
        raise PhotosError(
            f"{photos.location}: no labelled photo that can be read; photos of several classes are "
            "labelled by folders or names, of one class by a list with the columns path,label"
        )
    targets, proba = as_targets(photos.subset(rows), model.classes_), answers.proba[rows]
    if model.facts.labels is None:
        metrics = evaluate(targets.argmax(axis=1), proba, model.classes_)
        return Evaluation(len(rows), metrics, skipped)
    given = model.facts.labels.answers(proba)
    measured = evaluate_labels(targets, proba, given, model.classes_, progress=progress)
    return Evaluation(len(rows), measured.overall, skipped, measured.by_label)
