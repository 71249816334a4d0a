"""Where the real picture is: large plain borders, found by whole numbers alone.

The exported graph finds the same box from the same pixels, in every runtime. So the rule uses
sums, comparisons and the first row for which something holds, and no division.

From each side inwards, the mean colour of the outermost row (or column) is the colour of the
border, which lasts while all but a few pixels of a row are near to that colour. The picture begins
with the first row in which more than a few are clearly away from it. It is a border only if a row
in which many are follows at once: a real one ends in a straight edge, the even background of a
studio or of a night fades, or ends at the tip of an ear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Ints = npt.NDArray[np.int64]

__all__ = [
    "CLEARLY",
    "FEW",
    "LARGE",
    "MANY",
    "NEAR",
    "REMAINS",
    "SMEARED",
    "find_border",
    "trim",
]

NEAR = 4
"""Levels of 255 by which every channel of a pixel of the border is near to its colour."""

CLEARLY = 16
"""Levels of 255 by which some channel of a pixel of the picture is away from it."""

FEW = 50
"""One pixel of a row in so many is a few."""

MANY = 3
"""One pixel of a row in so many is many."""

SMEARED = 16
"""Rows that may lie between the last of the border and the edge: a block of JPEG's colours."""

LARGE = 20
"""A border of less than one in so many rows is kept: it hardly matters."""

REMAINS = 8
"""Nothing is trimmed where less than one in so many rows or columns would remain."""


def find_border(pixels: Pixels) -> tuple[int, int, int, int]:
    """The box of the real picture.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    (left, top, right, bottom)
        In pixels, right and bottom exclusive as in Pillow; the whole photo, (0, 0, W, H), where
        there is no border that is large enough, or nothing but border.
    """
    height, width = pixels.shape[:2]
    columns = pixels.transpose(1, 0, 2)
    left, right = _depth(columns), width - _depth(columns[::-1])
    top, bottom = _depth(pixels), height - _depth(pixels[::-1])
    if REMAINS * (right - left) < width or REMAINS * (bottom - top) < height:
        return 0, 0, width, height
    return left, top, right, bottom


def trim(pixels: Pixels) -> Pixels:
    """The pixels without their plain border, a view: uint8 [H', W', 3]."""
    left, top, right, bottom = find_border(pixels)
    return pixels[top:bottom, left:right]


def _depth(rows: Pixels) -> int:
    """How many rows, from the first, are border."""
    count, length = rows.shape[:2]
    colour = rows[0].sum(axis=0, dtype=np.int32)
    if FEW * _away(rows[:1], colour, NEAR)[0] > length:  # most photos end here
        return 0
    away = _away(rows, colour, CLEARLY)
    end = int(np.argmax(FEW * _away(rows, colour, NEAR) > length))
    begin = int(np.argmax(FEW * away > length))
    edge = int(np.argmax(MANY * away >= length))
    return begin if 0 <= edge - end <= SMEARED and LARGE * begin >= count else 0


def _away(rows: Pixels, colour: npt.NDArray[np.int32], tolerance: int) -> Ints:
    """Pixels of each row that are away from a colour, given as its sum over a row."""
    length = rows.shape[1]
    away = np.abs(rows.astype(np.int32) * length - colour) > tolerance * length
    return np.asarray(np.count_nonzero(away.any(axis=2), axis=1), np.int64)
