"""The one resize: every square that a backbone sees comes from here."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["resize"]

_FAST = importlib.util.find_spec("cykooz_resizer") is not None


def resize(pixels: Pixels, size: int, interpolation: str) -> Pixels:
    """Resize to a square with Pillow's antialiased filter: columns, then rows, as the graph does.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
    size : int
        Side of the square.
    interpolation : {"bicubic", "bilinear"}

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
        The work is done by fast_image_resize (Rust, vector instructions) where it has a wheel, by
        Pillow elsewhere; one value in two hundred differs between them, nearly always by one level.
    """
    if pixels.shape[:2] == (size, size):
        return pixels
    return (_by_rust if _FAST else _by_pillow)(pixels, size, interpolation)


def _by_pillow(pixels: Pixels, size: int, interpolation: str) -> Pixels:
    resample = Image.Resampling[interpolation.upper()]
    image = Image.fromarray(pixels)
    if image.height > image.width:
        # Columns before rows: Pillow resizes the rows of tall photos first, a graph cannot choose.
        image = image.resize((size, image.height), resample)
    return np.asarray(image.resize((size, size), resample))


def _by_rust(pixels: Pixels, size: int, interpolation: str) -> Pixels:
    import cykooz_resizer as rust

    filters = {"bicubic": rust.FilterType.catmull_rom, "bilinear": rust.FilterType.bilinear}
    rule = rust.ResizeOptions(rust.ResizeAlg.convolution(filters[interpolation]))
    height, width = pixels.shape[:2]
    picture = partial(rust.ImageData, pixel_type=rust.PixelType.U8x3)
    narrow, square = picture(size, height), picture(size, size)
    worker = rust.Resizer()
    worker.resize(picture(width, height, pixels=pixels.tobytes()), narrow, rule)
    worker.resize(narrow, square, rule)
    return np.frombuffer(square.get_buffer(), np.uint8).reshape(size, size, 3)
