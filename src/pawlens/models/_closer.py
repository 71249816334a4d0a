"""A closer look at some photos: whole, turned, in parts, and where the features come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import OpenVinoEngine
from ..base import Progress, tell
from ..export import CELLS, find_window
from ..features import PARTS, WholePhotos, picture_batches
from ..photos import Photos, Window
from ._covered import covered_maps
from ._model import Model
from ._rotations import QUARTERS
from ._views import answer_views, open_view_engine

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["CloserAnswers", "answer_closely"]

_HALVES = ("left", "right", "top", "bottom")


@dataclass(frozen=True)
class CloserAnswers:
    """What a model answers to other looks at the same n photos; NaN where one is unreadable.

    Attributes
    ----------
    turned : ndarray of float64, shape (4, n, K)
        Upright, and turned by 90, 180 and 270 degrees against the clock.
    parts : ndarray of float64, shape (4, n, K)
        Its left, right, top and bottom half.
    subject : list of Window or None, length n
        The part that the features come from; None where it is most of the photo, or unreadable.
    """

    turned: Floats
    parts: Floats
    subject: list[Window | None]


def answer_closely(
    model: Model,
    photos: Photos,
    *,
    trimmed: Sequence[int] = (),
    progress: Progress | None = None,
) -> CloserAnswers:
    """Answer each photo eight times, turned and in parts; meant for few photos.

    Parameters
    ----------
    model : Model
    photos : Photos
    trimmed : sequence of int, optional
        Rows whose border is cut off.
    progress : callable, optional
    """
    n, k = len(photos), len(model.classes_)
    specs = model.facts.backbones
    scale = model.facts.scale
    engine, mapped = _open_engine(model, n)
    turned, parts = (np.full((4, n, k), np.nan) for _ in range(2))
    subject: list[Window | None] = [None] * n
    done, whole = 0, n * (1 + len(_HALVES))

    def step(count: int) -> None:
        nonlocal done
        done += count
        if count:
            tell(progress, "looking closer", done, whole)

    pictures = WholePhotos(photos, trimmed=trimmed, scale=scale)
    batches = picture_batches(pictures, range(n), specs, engine.batch_size)
    for rows, answers in answer_views(engine, batches, len(specs), ("rotations",)):
        turned[:, rows] = answers[:QUARTERS, 0, :, :k]
        if mapped:
            for row, cells in zip(rows, answers[0, 0, :, -CELLS:], strict=True):
                subject[row] = find_window(cells)
        step(len(rows))
    if not mapped:
        batches = picture_batches(pictures, range(n), specs, engine.batch_size)
        for rows, maps in covered_maps(engine, batches):
            for row, cells in zip(rows, maps, strict=True):
                subject[row] = find_window(cells)
    for number, half in enumerate(_HALVES):
        windows = dict.fromkeys(range(n), PARTS[half])
        halves = WholePhotos(photos, trimmed=trimmed, windows=windows, scale=scale)
        batches = picture_batches(halves, range(n), specs, engine.batch_size)
        for rows, answers in answer_views(engine, batches, len(specs), ()):
            parts[number, rows] = answers[0, 0, :, :k]
            step(len(rows))
    step(whole - done)  # those that could not be decoded
    return CloserAnswers(turned, parts, subject)


def _open_engine(model: Model, photos: int) -> tuple[OpenVinoEngine, bool]:
    """Open the model's engine, with a map output where its features have one; whether they do."""
    return open_view_engine(
        model.batched(),
        model.facts.backbones,
        photos=photos,
        views=("subject",),
        precision=model.facts.precision("auto"),
    )
