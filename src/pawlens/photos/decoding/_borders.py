"""Plain borders around a photo, found with integer arithmetic alone.

The exported graph finds the same box from the same pixels, in every runtime. So the rule uses
sums, comparisons and the first row for which something holds, and no division.

From each side inwards, the mean colour of the outermost row (or column) is the colour of the
border, which lasts while all but a few pixels of a row are near to that colour. The picture begins
with the first row in which more than a few are clearly away from it. It is a border only if a row
in which many are follows at once: a real one ends in a straight edge, the even background of a
studio or of a night fades, or ends at the tip of an ear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Ints = npt.NDArray[np.int64]

__all__ = ["BORDER_RULE", "BorderRule", "find_border", "trim"]


_AT_ONCE = 2**18  # pixels, which in whole numbers take twelve bytes each


class BorderRule(NamedTuple):
    """The constants of the rule, all of them integers.

    Attributes
    ----------
    near : int
        Levels of 255 by which every channel of a pixel of the border is near to its colour.
    clearly : int
        Levels of 255 by which some channel of a pixel of the picture is away from it.
    few, many : int
        More than a few are more than one pixel of a row in 50; many, one in 3 or more.
    smeared : int
        Rows that may lie between the last plain one and the edge: a block of JPEG's colours.
    large : int
        A border of less than one in 20 rows is kept: it hardly matters.
    remains : int
        Nothing is trimmed where less than one in 8 rows or columns would remain.
    """

    near: int = 4
    clearly: int = 16
    few: int = 50
    many: int = 3
    smeared: int = 16
    large: int = 20
    remains: int = 8


BORDER_RULE = BorderRule()


def find_border(pixels: Pixels) -> tuple[int, int, int, int]:
    """Find the box of the picture inside its plain border.

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
    least = BORDER_RULE.remains
    if least * (right - left) < width or least * (bottom - top) < height:
        return 0, 0, width, height
    return left, top, right, bottom


def trim(pixels: Pixels) -> Pixels:
    """Return a view of the pixels without their plain border, uint8 (H', W', 3)."""
    left, top, right, bottom = find_border(pixels)
    return pixels[top:bottom, left:right]


def _depth(rows: Pixels) -> int:
    """Count the rows, from the first, that are border."""
    rule = BORDER_RULE
    count, length = rows.shape[:2]
    colour = rows[0].sum(axis=0, dtype=np.int32)
    if rule.few * _away(rows[:1], colour, rule.near)[0] > length:  # most photos end here
        return 0
    clearly = _away(rows, colour, rule.clearly)
    end = _first(rule.few * _away(rows, colour, rule.near) > length)
    begin = _first(rule.few * clearly > length)
    edge = _first(rule.many * clearly >= length)
    return begin if edge - end <= rule.smeared and rule.large * begin >= count else 0


def _away(rows: Pixels, colour: npt.NDArray[np.int32], tolerance: int) -> Ints:
    """Count the pixels of each row that differ from a colour, given as its sum over a row."""
    count, length = rows.shape[:2]
    away = np.empty(count, np.int64)
    step = max(1, _AT_ONCE // length)
    for start in range(0, count, step):
        some = rows[start : start + step].astype(np.int32)
        differ = np.abs(some * length - colour) > tolerance * length
        away[start : start + step] = np.count_nonzero(differ.any(axis=2), axis=1)
    return away


def _first(such: npt.NDArray[np.bool_]) -> int:
    """Return the first row that is true; the number of rows where none is."""
    return int(such.argmax()) if such.any() else len(such)
