"""From a photo's bytes to the square that a backbone sees, as the graph would make it.

The graph resizes the whole photo. Here a large photo may be decoded at a reduced scale, which is
many times faster, where enough pixels are left for the filter of the resize to do most of the
averaging (`SPARE`). That answers stay within the limits of ``parity.json`` is measured for each
model (`pawlens.models.prove_from_files`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from ._borders import trim
from ._decode import decode, decode_placed
from ._pixels import Decoded
from ._resize import resize

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["SPARE", "Scale", "Window", "square", "squares"]

Scale = Literal["reduced", "whole"]
"""At what scale large photos may be decoded."""

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
    scale: Scale = "reduced",
) -> Pixels:
    """Decode a photo and resize it to one square, uint8 (size, size, 3); see `squares`."""
    wanted = [(size, interpolation)]
    return squares(data, wanted, trimmed=trimmed, window=window, scale=scale)[0]


def squares(
    data: bytes,
    wanted: Sequence[tuple[int, str]],
    *,
    trimmed: bool = False,
    window: Window | None = None,
    scale: Scale = "reduced",
) -> list[Pixels]:
    """Decode a photo and resize it to squares; it is decoded once where one scale does for all.

    Parameters
    ----------
    data : bytes
        Content of the whole file.
    wanted : sequence of (int, {"bicubic", "bilinear"})
        Side in pixels and filter of each square.
    trimmed : bool
        Whether a plain border is cut off first. Where it ends, only every pixel can tell, so that
        the photo is decoded whole.
    window : Window, optional
        The part to see, of the picture inside the border.
    scale : {"reduced", "whole"}
        How far a large photo may be decoded at a reduced scale.

    Returns
    -------
    list of ndarray of uint8, shape (size, size, 3)

    Raises
    ------
    UnreadablePhoto, MissingExtra
        As `decode` does.
    """
    left, top, right, bottom = window or (0.0, 0.0, 1.0, 1.0)
    seen = _whole(data) if trimmed else decode_placed(data, None) if scale == "whole" else None
    same = seen is not None
    made: dict[tuple[int, str], Pixels] = {}
    for size, interpolation in sorted(set(wanted)):
        if seen is None or (seen.factor > 1 and not same):  # a larger square may need more
            share = min(right - left, bottom - top)
            seen = decode_placed(data, math.ceil(SPARE * size / share))
        box = (
            seen.left + int(left * seen.width) / seen.factor,
            seen.top + int(top * seen.height) / seen.factor,
            seen.left + math.ceil(right * seen.width) / seen.factor,
            seen.top + math.ceil(bottom * seen.height) / seen.factor,
        )
        made[size, interpolation] = resize(seen.pixels, size, interpolation, box)
    return [made[one] for one in wanted]


def _whole(data: bytes) -> Decoded:
    """Decode every pixel, and cut a plain border off."""
    pixels = trim(decode(data))
    height, width = pixels.shape[:2]
    return Decoded(pixels, 1, 0.0, 0.0, width, height)
