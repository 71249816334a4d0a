"""Small pictures that live inside a page, each a JPEG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Progress, cores, ordered_map
from ..errors import MissingExtra, UnreadablePhoto
from ._jpeg import jpeg
from ._photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Thumbnail", "make_thumbnails"]

_SIDE = 192  # pixels of the longer side
_QUALITIES = (72, 50, 30)
_MOST_BYTES = 18_000  # so that 150 of them stay under 4 MB, even of noise


class Thumbnail(NamedTuple):
    """An encoded picture and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def make_thumbnails(
    photos: Photos, rows: Iterable[int], *, progress: Progress | None = None
) -> Mapping[int, Thumbnail]:
    """Thumbnails by row; photos that cannot be decoded any more are missing."""
    wanted = sorted(set(rows))
    made = {}
    work = ordered_map(lambda row: _thumbnail(photos, row), wanted, workers=cores())
    for row, one in zip(wanted, work, strict=True):
        if one is not None:
            made[row] = one
        if progress is not None:
            progress("drawing samples", len(made), len(wanted))
    return made


def _thumbnail(photos: Photos, row: int) -> Thumbnail | None:
    from PIL import Image

    try:
        picture = Image.fromarray(photos.decode(row, min_side=_SIDE))
    except (UnreadablePhoto, MissingExtra):
        return None
    picture.thumbnail((_SIDE, _SIDE))
    return Thumbnail(_small(np.asarray(picture)), *picture.size)


def _small(pixels: npt.NDArray[np.uint8]) -> bytes:
    """The best quality that is small enough, or else the smallest."""
    for quality in _QUALITIES:
        found = jpeg(pixels, quality=quality)
        if len(found) <= _MOST_BYTES:
            break
    return found
