"""Evaluation of a trained classifier on other labelled photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..base import Progress, Watcher, watched
from ..errors import PhotosError
from ..export import TrainedOn
from ..features import hash_photos
from ..metrics import Baseline, Interval, evaluate_labels, photo_losses
from ..metrics import evaluate as evaluate_classes
from ..models import Model, ModelLike, as_model
from ..photos import (
    Photos,
    PhotosLike,
    as_photos,
    as_targets,
    given_groups,
    is_none,
    pinned,
)
from ..runs import Run, is_finished, rare_classes
from ..trust import Slices, measure_slices
from ._photo_traits import check_traits, photo_traits

__all__ = ["Evaluation", "evaluate", "evaluate_model", "photos_behind"]


@dataclass(frozen=True)
class Evaluation:
    """Metrics with intervals, and the photos that had no part in them.

    Attributes
    ----------
    photos : int
        Number of photos that were measured.
    metrics : dict of Interval
    baseline : Baseline
        What the commonest answer of these photos is worth on them.
    skipped : list of (path, reason)
    trained_on : int or None
        Number of photos that were left out because the model was trained on them; None where that
        cannot be known.
    by_label : dict of str to dict of str to Interval
        Metrics of each label, where the model gives several.
    notes : list of str
        Classes with few photos, and an imbalance.
    slices : Slices or None
        How photos with each value of each trait were answered, where that was asked for.

    Examples
    --------
    >>> from pawlens import draw_samples, evaluate
    >>> new = draw_samples("new", count=4, seed=2, flaws=False)
    >>> evaluation = evaluate(new / "train", "runs/first")
    >>> evaluation.photos, evaluation.trained_on, evaluation.skipped
    (4, 0, [])
    >>> accuracy = evaluation.metrics["accuracy"]
    >>> 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1
    True
    """

    photos: int
    metrics: dict[str, Interval]
    baseline: Baseline
    skipped: list[tuple[str, str]]
    trained_on: int | None
    by_label: dict[str, dict[str, Interval]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    slices: Slices | None = None


def evaluate(
    photos: PhotosLike,
    model: ModelLike,
    *,
    group: str | None = None,
    group_name: str | None = None,
    by: str | Sequence[str] = (),
    progress: Watcher = None,
) -> Evaluation:
    """Measure a trained classifier on other labelled photos; those it learnt from are left out.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels. Classes are matched by name.
    model : Model, Run or path
        A run folder or a ``model.onnx``.
    group, group_name : str, optional
        How photos of one subject, camera, burst or video are known, which are drawn together for
        every interval; see `Photos.read`.
    by : str or sequence of str
        Traits by which photos are looked at in slices: ``camera``, ``hour`` and ``orientation`` of
        EXIF, ``brightness``, ``sharpness``, ``detail`` and ``size`` of the picture, a column of the
        list, or ``all`` of these; ``subject``, the share of a photo that the features come from,
        and ``place`` of EXIF to a whole degree, only by name.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        There is no such trait.
    PhotosError
        A label that the model does not know, no labelled photo that can be read, or none that the
        model did not learn from.
    RunError
        There is no such model.

    Examples
    --------
    >>> from pawlens import draw_samples
    >>> others = draw_samples("others", count=4, seed=1, flaws=False)
    >>> evaluation = evaluate(others / "train", "runs/first")
    >>> evaluation.photos
    4
    >>> sorted(evaluation.metrics)[:3]
    ['accuracy', 'balanced_accuracy', 'brier']
    """
    loaded = as_model(model)
    if isinstance(model, Model):
        trained_on = model.trained_on
    else:
        trained_on = photos_behind(loaded, model.path if isinstance(model, Run) else Path(model))
    with watched(progress) as told:
        table = as_photos(photos, group=group, group_name=group_name)
        names = check_traits(table, [by] if isinstance(by, str) else by)
        return evaluate_model(loaded, table, trained_on=trained_on, by=names, progress=told)


def photos_behind(model: Model, path: Path) -> TrainedOn | None:
    """Find the photos that a model was trained on, by its graph or by its run folder.

    Parameters
    ----------
    model : Model
    path : Path
        File or folder that the model was loaded from; older graphs have no such note, but the run's
        table of photos has.
    """
    if model.trained_on is not None or not is_finished(path):
        return model.trained_on
    return TrainedOn.of(Run(path).learnt_from())


def evaluate_model(
    model: Model,
    photos: Photos,
    *,
    trained_on: TrainedOn | None,
    by: Sequence[str] = (),
    progress: Progress | None = None,
) -> Evaluation:
    """Predict labelled photos and compare; classes are matched by name.

    Photos whose content the model learnt from are left out. Only the very same bytes are noticed: a
    copy at another size or quality is another photo here.

    Parameters
    ----------
    model : Model
    photos : Photos
    trained_on : TrainedOn or None
        The photos to leave out, from `photos_behind`; None measures on all photos.
    by : sequence of str
        Names from `check_traits`.
    progress : callable, optional

    Raises
    ------
    PhotosError
        There is a label that the model does not know, no labelled photo that can be read, or none
        that the model did not learn from.
    """
    several = model.facts.labels is not None
    labelled_classes = {name for name in photos.classes if not (several and is_none(name))}
    unknown = sorted(labelled_classes - set(model.classes_))
    if unknown:
        raise PhotosError(
            f"{photos.location}: class {unknown[0]!r} is unknown to the model, which knows "
            f"{', '.join(model.classes_)}; rename the folder or leave it out"
        )
    asked = photos if trained_on is None else _unseen(photos, trained_on)
    seen = len(photos) - len(asked)
    if not len(asked):
        raise PhotosError(
            f"{photos.location}: the model learnt from all {seen} photos, which says nothing of "
            "others; measure on photos that it has not seen"
        )
    photos = asked
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
        besides = f" besides {seen} that the model learnt from" if seen else ""
        raise PhotosError(
            f"{photos.location}: no labelled photo that can be read{besides}; photos of several "
            "classes are labelled by folders or names, of one class by a list with the columns "
            "path,label"
        )
    left_out = None if trained_on is None else seen
    measured = photos.subset(rows)
    targets, proba = as_targets(measured, model.classes_), answers.proba[rows]
    groups = given_groups(measured)
    labels = [photo.labels for photo in measured]
    baseline = Baseline.of(labels, model.classes_, several=several)
    notes = rare_classes(measured.classes, labels, several=several)
    if model.facts.labels is None:
        metrics = evaluate_classes(targets.argmax(axis=1), proba, model.classes_, groups=groups)
        slices = None
        if by:
            traits = photo_traits(measured, by, model=model, progress=progress)
            label = targets.argmax(axis=1)
            right, losses = proba.argmax(axis=1) == label, photo_losses(label, proba)
            slices = measure_slices(right, losses, traits, groups=groups)
        return Evaluation(
            len(rows), metrics, baseline, skipped, left_out, notes=notes, slices=slices
        )
    label_answers = model.facts.labels.answers(proba)
    found = evaluate_labels(
        targets, proba, label_answers, model.classes_, groups=groups, progress=progress
    )
    return Evaluation(len(rows), found.overall, baseline, skipped, left_out, found.by_label, notes)


def _unseen(photos: Photos, trained_on: TrainedOn) -> Photos:
    """Return the photos that a model was not trained on, unreadable ones included.

    They are pinned: one that becomes another photo meanwhile, perhaps one of those that the model
    learnt from, is not measured.
    """
    hashes = hash_photos(photos)
    unseen = [row for row, sha in enumerate(hashes) if not sha or sha not in trained_on]
    return pinned(photos, hashes).subset(unseen)
