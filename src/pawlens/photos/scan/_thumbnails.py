"""Small JPEGs of photos and of other pixels, for pages, contact sheets and the review."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from ...base import Progress, cores, ordered_map, tell
from ...errors import MissingExtra, UnreadablePhoto
from .._photos import Photos
from ..decoding import decode

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Side", "Thumbnail", "jpeg", "make_thumbnail", "make_thumbnails", "thumbnail_of"]

_QUALITIES = (72, 50, 30)
_MOST_BYTES = 18_000  # so that 150 of them stay under 4 MB, even of noise


class Side(IntEnum):
    """Length in pixels of a thumbnail's longer side, by the place that it is shown in."""

    SHEET = 176
    """On a contact sheet, where a page may have some hundreds."""
    GRID = 256
    """In the grid of the review, which is sharp on dense screens too."""
    CARD = 400
    """By itself, with what is said about it."""
    SCREEN = 1280
    """As large as a screen."""


class Thumbnail(NamedTuple):
    """An encoded picture and its size in pixels, or the reason why there is none.

    Attributes
    ----------
    jpeg : bytes
        Empty where there is a problem.
    width, height : int
    problem : str
        Why the photo cannot be shown; empty where it can.
    """

    jpeg: bytes
    width: int = 0
    height: int = 0
    problem: str = ""


def jpeg(pixels: Pixels, side: int | None = None, *, quality: int = 80) -> bytes:
    """Encode uint8 (H, W, 3) pixels as JPEG, the longer side scaled down to `side` pixels."""
    return _encode(_shrink(pixels, side), quality)


def make_thumbnail(
    photos: Photos, row: int, side: int = Side.SHEET, *, sha256: str | None = None
) -> Thumbnail:
    """Make a JPEG of one photo in at most 18 kB, or give the reason why there is none.

    Parameters
    ----------
    photos : Photos
    row : int
    side : int
        Pixels of the longer side.
    sha256 : str, optional
        The SHA-256 that the bytes must have, so that another photo of that name is not shown.
    """
    try:
        data = photos.read_bytes(row)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            return Thumbnail(b"", problem="another photo by now")
        return thumbnail_of(decode(data, min_side=side), side)
    except (UnreadablePhoto, MissingExtra) as error:
        return Thumbnail(b"", problem=str(error))


def thumbnail_of(pixels: Pixels, side: int = Side.SHEET) -> Thumbnail:
    """A JPEG in at most 18 kB of uint8 (H, W, 3) pixels, at most `side` on the longer side."""
    picture = _shrink(pixels, side)
    for quality in _QUALITIES:
        encoded = _encode(picture, quality)
        if len(encoded) <= _MOST_BYTES:
            break
    return Thumbnail(encoded, *picture.size)


def make_thumbnails(
    photos: Photos,
    rows: Iterable[int],
    side: int = Side.SHEET,
    *,
    progress: Progress | None = None,
) -> Mapping[int, Thumbnail]:
    """Make thumbnails by row, each once and several at a time; see `make_thumbnail`."""
    wanted = sorted(set(rows))
    made = {}
    work = ordered_map(lambda row: make_thumbnail(photos, row, side), wanted, workers=cores())
    for row, picture in zip(wanted, work, strict=True):
        made[row] = picture
        tell(progress, "drawing samples", len(made), len(wanted))
    return made


def _shrink(pixels: Pixels, side: int | None) -> Image.Image:
    from PIL import Image

    picture = Image.fromarray(pixels)
    if side is not None:
        picture.thumbnail((side, side))
    return picture


def _encode(picture: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality)
    return sink.getvalue()
