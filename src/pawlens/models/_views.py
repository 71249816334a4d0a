"""Test-time augmentation: a photo is looked at in several ways, and the answers are joined.

The square input is mirrored or turned, not the photo: that is the same picture, decoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import CROP, PLACES, BackboneSpec, Engine, OpenVinoEngine, Precision
from ..base import Progress, tell
from ..errors import UsageError
from ..export import CELLS, find_window, mapped_graph
from ..features import WholePhotos, picture_batches
from ..photos import Photos, Scale, Window
from ._covered import covered_maps
from ._rotations import QUARTERS

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats32 = npt.NDArray[np.float32]
    Floats = npt.NDArray[np.float64]
    Batches = Iterable[tuple[list[int], list[Pixels]]]

__all__ = [
    "VIEWS",
    "Join",
    "Merge",
    "answer_photos",
    "answer_views",
    "check_views",
    "join_looks",
    "open_view_engine",
]

VIEWS = ("flip", "rotations", "crops", "subject")
"""What can be looked at beside the photo itself."""

Join = Callable[["Floats32"], "Floats"]
"""From answers float32 (T, L, n, D), L looks at each of T turns, to a table float64 (n, W)."""

Merge = Callable[["Floats"], "Floats"]
"""From tables float64 (L, n, W) of L looks to one, float64 (n, W)."""

_LEAST = 1e-9  # a probability of 0 would outvote all other looks


def check_views(views: Sequence[str], rotations: bool = False) -> tuple[str, ...]:
    """Return the views in the order of `VIEWS`, each once; UsageError where one is unknown."""
    for name in views:
        if name not in VIEWS:
            raise UsageError(f"unknown view {name!r}; there are {', '.join(VIEWS)}")
    wanted = {*views, "rotations"} if rotations else set(views)
    return tuple(name for name in VIEWS if name in wanted)


def open_view_engine(
    graph: bytes,
    specs: Sequence[BackboneSpec],
    *,
    photos: int,
    views: Sequence[str] = (),
    precision: Precision = "auto",
) -> tuple[OpenVinoEngine, bool]:
    """Open a model's batched graph for so many photos, with the map that ``subject`` needs.

    Returns
    -------
    (engine, mapped)
        Whether its answers end in a map; without one places are covered to find the subject.
    """
    mapped = False
    if "subject" in views:
        with suppress(UsageError):  # nothing tells where its features come from
            graph, mapped = mapped_graph(graph), True
    engine = OpenVinoEngine(graph, specs, precision=precision, batch_size=min(photos, 4) or 1)
    return engine, mapped


def answer_photos(
    engine: Engine,
    photos: Photos,
    specs: Sequence[BackboneSpec],
    *,
    width: int,
    join: Join,
    merge: Merge,
    trimmed: Container[int] = (),
    views: Sequence[str] = (),
    mapped: bool = False,
    scale: Scale = "reduced",
    progress: Progress | None = None,
) -> Floats:
    """Compute joined answers for all photos; NaN where a photo cannot be decoded.

    Parameters
    ----------
    engine : Engine
        The engine of the model, from `open_view_engine`.
    photos : Photos
    specs : sequence of BackboneSpec
    width : int
        W, the columns of the table.
    join : callable
        See `Join`.
    merge : callable
        See `Merge`; joins the whole photo and the part that was looked at closer.
    trimmed : container of int, optional
        Rows whose border is cut off.
    views : sequence of str
        Views from `check_views`.
    mapped : bool
        Whether the engine's answers end in a map, as `open_view_engine` says.
    scale : {"reduced", "whole"}
        How far large photos may be decoded at a reduced scale.
    progress : callable, optional

    Returns
    -------
    ndarray of float64, shape (n, W)
    """
    table = np.full((len(photos), width), np.nan)
    source = _Source(engine, photos, specs, trimmed, scale, progress)
    windows: dict[int, Window] = {}
    for rows, answers in source.look("predicting", range(len(photos)), views, {}):
        if mapped:
            windows |= _windows(rows, answers[0, 0, :, -CELLS:])
            answers = answers[..., :-CELLS]
        table[rows] = join(answers)
    if "subject" in views and not mapped:
        for rows, maps in source.cover(range(len(photos))):
            windows |= _windows(rows, maps)
    nearer = [name for name in views if name != "crops"]  # a part of a part would be a blur
    for rows, answers in source.look("looking closer", sorted(windows), nearer, windows):
        table[rows] = merge(
            np.stack([table[rows], join(answers[..., :-CELLS] if mapped else answers)])
        )
    return table


def _windows(rows: Sequence[int], maps: Floats32) -> dict[int, Window]:
    """Return the part that each photo's map points at, where it is no more than a part."""
    found = {row: find_window(cells) for row, cells in zip(rows, maps, strict=True)}
    return {row: window for row, window in found.items() if window is not None}


def join_looks(proba: npt.NDArray[np.floating]) -> Floats:
    """Join the probabilities of several looks: their geometric mean, scaled to sum to 1.

    Parameters
    ----------
    proba : ndarray, shape (L, n, K)

    Returns
    -------
    ndarray of float64, shape (n, K)
    """
    each = np.asarray(proba, np.float64)
    if len(each) == 1:
        return np.asarray(each[0])
    joined = np.exp(np.log(np.maximum(each, _LEAST)).mean(axis=0))
    return np.asarray(joined / joined.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class _Source:
    """The photos and the engine of one prediction."""

    engine: Engine
    photos: Photos
    specs: Sequence[BackboneSpec]
    trimmed: Container[int]
    scale: Scale
    progress: Progress | None

    def look(
        self, what: str, rows: Sequence[int], views: Sequence[str], windows: Mapping[int, Window]
    ) -> Iterator[tuple[list[int], Floats32]]:
        sizes = [*self.specs, *(map(_larger, self.specs) if "crops" in views else ())]
        batch_size = self.engine.batch_size
        pictures = WholePhotos(self.photos, trimmed=self.trimmed, windows=windows, scale=self.scale)
        batches = picture_batches(pictures, rows, sizes, batch_size)
        done = 0
        for batch_rows, answers in answer_views(self.engine, batches, len(self.specs), views):
            yield batch_rows, answers
            done += len(batch_rows)
            tell(self.progress, what, done, len(rows))
        if self.progress is not None and done < len(rows):  # those that could not be decoded
            self.progress(what, len(rows), len(rows))

    def cover(self, rows: Sequence[int]) -> Iterator[tuple[list[int], Floats32]]:
        """Find where answers come from by covering places; see `covered_maps`."""
        pictures = WholePhotos(self.photos, trimmed=self.trimmed, scale=self.scale)
        batches = picture_batches(pictures, rows, self.specs, self.engine.batch_size)
        done = 0
        for batch_rows, maps in covered_maps(self.engine, batches):
            yield batch_rows, maps
            done += len(batch_rows)
            tell(self.progress, "covering places", done, len(rows))


def answer_views(
    engine: Engine, batches: Batches, inputs: int, views: Sequence[str]
) -> Iterator[tuple[list[int], Floats32]]:
    """Run batches in every view.

    Parameters
    ----------
    engine : Engine
    batches : iterable of (rows, pixels)
        One uint8 array (n, S, S, 3) for each input of the graph and, with ``crops``, a larger one
        each.
    inputs : int
        Number of inputs of the graph.
    views : sequence of str
        ``subject`` is no view of the batch at hand and does nothing here.

    Yields
    ------
    (rows, answers)
        float32 (T, L, n, D): T is 1, or with ``rotations`` 4: upright, then turned by 90, 180 and
        270 degrees counterclockwise. Each turn has L looks: the photo, its mirror image
        (``flip``), the middle and the corners (``crops``).
    """
    turns = QUARTERS if "rotations" in views else 1
    looks = 1 + ("flip" in views) + len(PLACES) * ("crops" in views)
    kept: list[Floats32] = []
    for rows, answers in engine.run(_seen(batches, inputs, turns, views)):
        kept.append(answers)
        if len(kept) == turns * looks:
            yield rows, np.stack(kept).reshape(turns, looks, *answers.shape)
            kept = []


def _seen(batches: Batches, inputs: int, turns: int, views: Sequence[str]) -> Batches:
    for rows, pixels in batches:
        for quarter in range(turns):
            turned = [np.rot90(squares, quarter, axes=(1, 2)) for squares in pixels]
            for look in _looks(turned[:inputs], turned[inputs:], views):
                yield rows, [np.ascontiguousarray(squares) for squares in look]


def _looks(
    whole: list[Pixels], larger: list[Pixels], views: Sequence[str]
) -> Iterator[list[Pixels]]:
    yield whole
    if "flip" in views:
        yield [squares[:, :, ::-1] for squares in whole]
    if "crops" in views:
        for place in PLACES:
            yield [_part(*pair, place) for pair in zip(larger, whole, strict=True)]


def _part(larger: Pixels, whole: Pixels, place: tuple[float, float]) -> Pixels:
    """Cut a part out of the larger square, in the size of the input."""
    size = whole.shape[1]
    y, x = (round(share * (larger.shape[1] - size)) for share in place)
    return larger[:, y : y + size, x : x + size]


def _larger(spec: BackboneSpec) -> BackboneSpec:
    """Return a spec with larger squares, so that crops of `CROP` of a side need no resizing."""
    return spec.with_size(round(spec.input_size / CROP))
