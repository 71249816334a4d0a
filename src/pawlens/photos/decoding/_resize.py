"""The one resize: every square that a backbone sees comes from here; see ``docs/resize.md``."""

from __future__ import annotations

import importlib.util
import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Box = tuple[float, float, float, float]

__all__ = ["resize"]

_FAST = importlib.util.find_spec("cykooz_resizer") is not None
_STRIP = 2**19  # pixels that are narrowed at a time; a copy of a whole large photo costs more


def resize(pixels: Pixels, size: int, interpolation: str, box: Box | None = None) -> Pixels:
    """Resize to a square with Pillow's antialiased filter: columns, then rows, as the graph does.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
    size : int
        Side of the square.
    interpolation : {"bicubic", "bilinear"}
    box : (left, top, right, bottom), optional
        The part of the pixels that fills the square, in pixels and parts of them; all by default.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
        The work is done by fast_image_resize (Rust, vector instructions) where it has a wheel, by
        Pillow elsewhere; one value in two hundred differs between them, nearly always by one level.
    """
    if box is None:
        box = (0, 0, pixels.shape[1], pixels.shape[0])
    left, top = math.floor(box[0]), math.floor(box[1])
    pixels = pixels[top : math.ceil(box[3]), left : math.ceil(box[2])]
    height, width = pixels.shape[:2]
    box = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    if (height, width) == (size, size) and box == (0, 0, size, size):
        return pixels
    return (_by_rust if _FAST else _by_pillow)(pixels, size, interpolation, box)


def _by_pillow(pixels: Pixels, size: int, interpolation: str, box: Box) -> Pixels:
    resample = Image.Resampling[interpolation.upper()]
    image, height = Image.fromarray(pixels), len(pixels)
    # Columns before rows: Pillow resizes the rows of tall photos first, a graph cannot choose.
    narrow = image.resize((size, height), resample, box=(box[0], 0, box[2], height))
    return np.asarray(narrow.resize((size, size), resample, box=(0, box[1], size, box[3])))


def _by_rust(pixels: Pixels, size: int, interpolation: str, box: Box) -> Pixels:
    import cykooz_resizer as rust

    filters = {"bicubic": rust.FilterType.catmull_rom, "bilinear": rust.FilterType.bilinear}
    rule = rust.ResizeOptions(rust.ResizeAlg.convolution(filters[interpolation]))
    picture = partial(rust.ImageData, pixel_type=rust.PixelType.U8x3)
    worker = rust.Resizer()
    height, width = pixels.shape[:2]
    rows = max(_STRIP // width, 1)
    strips = []
    for start in range(0, height, rows):
        some = pixels[start : start + rows]
        rule.crop_box = rust.CropBox(box[0], 0, box[2] - box[0], len(some))
        strips.append(picture(size, len(some)))
        worker.resize(picture(width, len(some), pixels=some.tobytes()), strips[-1], rule)
    narrow = strips[0]
    if len(strips) > 1:
        joined = b"".join(strip.get_buffer() for strip in strips)
        narrow = picture(size, height, pixels=joined)
    rule.crop_box = rust.CropBox(0, box[1], size, box[3] - box[1])
    square = picture(size, size)
    worker.resize(narrow, square, rule)
    return np.frombuffer(square.get_buffer(), np.uint8).reshape(size, size, 3)
