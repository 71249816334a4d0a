"""New photos with the answers of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ..errors import PhotosError, UsageError
from ..models import Model
from ..photos import Photos, PhotosLike, as_photos
from ..trust import project
from ._reference import REFERENCE_PHOTOS, picture_measures

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Singles = npt.NDArray[np.float32]

__all__ = ["Arrivals", "answer_arrivals"]


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """New photos and the answers to them; n is the number of those that could be read.

    Attributes
    ----------
    paths : list of str, length n
    proba : ndarray of float64, shape (n, K)
    unreadable : list of (path, reason)
    looked_at : ndarray of int64, shape (m,)
        Rows whose features are there: a random sample of at most 1,000.
    features : ndarray of float32, shape (m, D)
        Features from `project`; m is 0 where there are none.
    measures : dict of str to ndarray of float64, shape (m,)
        From `picture_measures`; empty where there are none.
    days : list of str, length n
        The day of each answer; empty for photos that are answered now.
    photos : Photos or None
        The photos themselves, row by row.
    lacking : str
        Why there are no features; empty where there are.
    neither : ndarray of float64, shape (n,), or None
        The model's own score of *neither*; None where it has none.
    false_alarms : float or None
        Share of photos like those of training that the model may call neither.
    """

    paths: list[str]
    proba: Floats
    unreadable: list[tuple[str, str]]
    looked_at: Ints
    features: Singles
    measures: dict[str, Floats] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    photos: Photos | None = None
    lacking: str = ""
    neither: Floats | None = None
    false_alarms: float | None = None


def answer_arrivals(
    photos: PhotosLike,
    model: Model,
    *,
    since: datetime | None,
    seed: int,
    cache_dir: Path | None,
    progress: Progress | None,
) -> Arrivals:
    """Answer new photos, and look closely at a sample of them.

    Raises
    ------
    PhotosError
        No photo can be read, or none is as new as asked.
    UsageError
        The photos have no time of their own by which the older ones could be left out.
    """
    table = as_photos(photos, labels=False)
    if since is not None:
        table = _newer(table, since)
    answers = model.answer(table, progress=progress)
    kept = [row for row, status in enumerate(answers.status) if status == "ok"]
    if not kept:
        raise PhotosError(f"{table.location}: no photo can be read, so that none can be compared")
    readable = table.subset(kept)
    sample = np.random.default_rng(seed).permutation(len(kept))[:REFERENCE_PHOTOS]
    looked = readable.subset(sample.tolist())
    found = model.embed(looked, progress=progress)
    seen = np.flatnonzero(~np.isnan(found.values).any(axis=1))
    widths = [spec.feature_dim for spec in model.facts.backbones]
    measures = picture_measures(looked, cache_dir=cache_dir, progress=progress)
    return Arrivals(
        paths=[answers.paths[row] for row in kept],
        proba=answers.proba[kept],
        unreadable=answers.unreadable,
        looked_at=sample[seen],
        features=project(found.values[seen], widths),
        measures={name: values[seen] for name, values in measures.items()},
        photos=readable,
        neither=None if answers.neither is None else answers.neither[kept],
        false_alarms=model.answer_rules.false_alarms,
    )


def _newer(table: Photos, since: datetime) -> Photos:
    if not table.location.is_dir():
        raise UsageError(
            f"{table.location}: --since goes by the files' own times, which only a folder has; "
            "unpack it, or leave --since out"
        )
    changed = [(table.location / path).stat().st_mtime for path in table.paths]
    rows = [row for row, when in enumerate(changed) if when >= since.timestamp()]
    if not rows:
        raise PhotosError(f"{table.location}: no photo is newer than {since:%Y-%m-%d %H:%M}")
    return table.subset(rows)
