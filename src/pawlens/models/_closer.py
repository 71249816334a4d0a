"""A closer look at some photos: whole, turned, in parts, and where the features come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import OpenVinoEngine, Precision
from ..base import Progress, tell
from ..errors import UsageError
from ..export import CELLS, find_window, mapped_graph
from ..features import WholePhotos, picture_batches
from ..photos import Photos, Window
from ._model import Model
from ._rotations import QUARTERS
from ._views import answer_views

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["HALVES", "CloserAnswers", "look_closer"]

HALVES: tuple[Window, ...] = (
    (0.0, 0.0, 0.55, 1.0),
    (0.45, 0.0, 1.0, 1.0),
    (0.0, 0.0, 1.0, 0.55),
    (0.0, 0.45, 1.0, 1.0),
)
"""Left, right, top and bottom of a photo."""


@dataclass(frozen=True)
class CloserAnswers:
    """What a model answers to other looks at the same n photos; NaN where one is unreadable.

    Attributes
    ----------
    turned : ndarray of float64, shape (4, n, K)
        Upright, and turned by 90, 180 and 270 degrees against the clock.
    parts : ndarray of float64, shape (4, n, K)
        The `HALVES`.
    subject : list of Window or None, length n
        The part that the features come from; None where it is most of the photo, or unknown.
    """

    turned: Floats
    parts: Floats
    subject: list[Window | None]


def look_closer(
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
    graph, mapped = _graph(model)
    exact = model.facts.exact
    precision: Precision = "f32" if exact else "auto"
    engine = OpenVinoEngine(graph, specs, precision=precision, batch_size=min(n, 4) or 1)
    turned, parts = (np.full((4, n, k), np.nan) for _ in range(2))
    subject: list[Window | None] = [None] * n
    done, whole = 0, n * (1 + len(HALVES))

    def step(count: int) -> None:
        nonlocal done
        done += count
        if count:
            tell(progress, "looking closer", done, whole)

    pictures = WholePhotos(photos, trimmed=trimmed, exact=exact)
    batches = picture_batches(pictures, range(n), specs, engine.batch_size)
    for rows, answers in answer_views(engine, batches, len(specs), ("rotations",)):
        turned[:, rows] = answers[:QUARTERS, 0, :, :k]
        if mapped:
            for row, cells in zip(rows, answers[0, 0, :, -CELLS:], strict=True):
                subject[row] = find_window(cells)
        step(len(rows))
    for number, window in enumerate(HALVES):
        windows = dict.fromkeys(range(n), window)
        halves = WholePhotos(photos, trimmed=trimmed, windows=windows, exact=exact)
        batches = picture_batches(halves, range(n), specs, engine.batch_size)
        for rows, answers in answer_views(engine, batches, len(specs), ()):
            parts[number, rows] = answers[0, 0, :, :k]
            step(len(rows))
    step(whole - done)  # those that could not be decoded
    return CloserAnswers(turned, parts, subject)


def _graph(model: Model) -> tuple[bytes, bool]:
    """Return the model's batched graph, with a map output where its features have one."""
    graph = model.batched()
    try:
        return mapped_graph(graph), True
    except UsageError:
        return graph, False
