"""From a photo's bytes to the square that a backbone sees, as the graph would make it.

The graph resizes the whole photo. Here a large photo may be decoded at a reduced scale, which is
many times faster, where enough pixels are left: with `SPARE` times the side of the square, the
filter of the resize does most of the averaging, and answers stay within the limits of
``parity.json`` (``benchmarks/from_file.py``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._borders import trim
from ._decode import decode, decode_placed
from ._resize import resize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["SPARE", "Window", "square"]

SPARE = 4
"""Pixels that a reduced scale leaves, along each side, for one pixel of the square."""

Window = tuple[float, float, float, float]
"""A part of a photo: left, top, right and bottom as shares of its sides."""


def square(
    data: bytes,
    size: int,
    interpolation: str,
    *,
    trimmed: bool = False,
    window: Window | None = None,
    exact: bool = False,
) -> Pixels:
    """Decode a photo and resize it to a square.

    Parameters
    ----------
    data : bytes
        Content of the whole file.
    size : int
        Side of the square in pixels.
    interpolation : {"bicubic", "bilinear"}
    trimmed : bool
        Whether a plain border is cut off first. Where it ends, only every pixel can tell, so that
        the photo is decoded whole.
    window : Window, optional
        The part to see, of the picture inside the border.
    exact : bool
        Whether the photo is decoded whole in any case.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)

    Raises
    ------
    UnreadablePhoto, MissingExtra
        As `decode` does.
    """
    left, top, right, bottom = window or (0.0, 0.0, 1.0, 1.0)
    if trimmed:
        pixels = trim(decode(data))
        (height, width), factor, x, y = pixels.shape[:2], 1, 0.0, 0.0
    else:
        least = math.ceil(SPARE * size / min(right - left, bottom - top))
        pixels, factor, x, y, width, height = decode_placed(data, None if exact else least)
    box = (
        x + int(left * width) / factor,
        y + int(top * height) / factor,
        x + math.ceil(right * width) / factor,
        y + math.ceil(bottom * height) / factor,
    )
    return resize(pixels, size, interpolation, box)
