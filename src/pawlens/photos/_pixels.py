"""From an opened picture to upright RGB, in bounded memory.

Pillow keeps a whole picture in four bytes a pixel, and every conversion copies it. So a picture is
converted strip by strip, threads share a budget of memory, a large JPEG is decoded at a reduced
scale, other large pictures are averaged while they are converted, and what would need too much in
any case is refused by its header.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..base import Budget
from ..errors import UnreadablePhoto

if TYPE_CHECKING:
    Pixels = npt.NDArray[np.uint8]

__all__ = ["MOST_PIXELS", "ORIENTATION_TAG", "read_pixels", "refuse_costly"]

MOST_PIXELS = 25_000_000
"""Most pixels that a decoded photo has; a larger one comes at a reduced scale."""

ORIENTATION_TAG = 0x0112

_MEMORY = Budget(800_000_000)  # bytes that decoding takes at a time, in all threads together
_BYTES = {"WEBP": 16, "HEIF": 10, "AVIF": 10}  # a pixel, by format: these hold several pictures
_PILLOW = 4  # bytes a pixel of the others
_WHOLE = 4_000_000  # pixels up to which no format but JPEG is decoded smaller
_STRIP = 2**20  # pixels that are converted at a time


def refuse_costly(image: Image.Image, size: int) -> None:
    """Refuse a picture by its header, before memory is taken for its pixels.

    Parameters
    ----------
    image : Image.Image
        Opened and not loaded.
    size : int
        Length of the encoded picture in bytes.

    Raises
    ------
    UnreadablePhoto
        Decoding would need more memory than there is for all photos together, or a JPEG has not
        one bit for each of its blocks.
    """
    pixels = image.width * image.height
    most = _MEMORY.whole * pixels // max(_cost(image, 1), 1)
    if pixels > most:
        raise UnreadablePhoto(
            f"{image.width} x {image.height} pixels, more than the {most:,} that are decoded of a "
            f"{image.format}; save it smaller, or as a JPEG"
        )
    if _is_jpeg(image) and pixels > 512 * size:
        raise UnreadablePhoto(
            f"{image.format} cannot be decoded: {size:,} bytes cannot hold {image.width} x "
            f"{image.height} pixels; the rest of the file is missing"
        )


def read_pixels(image: Image.Image, data: bytes, min_side: int | None) -> Pixels:
    """Decode an opened picture: upright RGB, uint8 (H, W, 3); see `decode`."""
    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    eighths = _eighths(image.width, image.height, min_side)
    with _MEMORY.take(_cost(image, eighths)):
        pixels = _fast_jpeg(image, data, eighths)
        if pixels is None:
            pixels = _in_strips(image, min_side)
    return _upright(pixels, orientation)


def _eighths(width: int, height: int, min_side: int | None) -> int:
    """Choose the scale of a JPEG: how many eighths of its sides are decoded, 1 to 8."""
    shorter = min(width, height)
    enough = 8 if min_side is None else math.ceil(8 * min(min_side / shorter, 1))
    return max(1, min(enough, math.floor(8 * math.sqrt(MOST_PIXELS / (width * height)))))


def _cost(image: Image.Image, eighths: int) -> int:
    """Estimate the bytes that decoding takes at its peak, the result included."""
    pixels = image.width * image.height
    if not _is_jpeg(image):
        return _BYTES.get(image.format or "", _PILLOW) * pixels
    scaled = pixels * eighths * eighths // 64
    if not image.info.get("progressive"):
        return 7 * scaled
    # The coefficients of all blocks are kept, in two bytes each, until the last scan.
    layers: list[tuple[int, int]] = [
        (across, down) for _, across, down, _ in getattr(image, "layer", [])
    ]
    samples = sum(across * down for across, down in layers)
    blocks = max((a for a, _ in layers), default=1) * max((d for _, d in layers), default=1)
    return 2 * pixels * samples // max(blocks, 1) + 7 * scaled


def _is_jpeg(image: Image.Image) -> bool:
    return image.format in ("JPEG", "MPO")


def _fast_jpeg(image: Image.Image, data: bytes, eighths: int) -> Pixels | None:
    """Decode with libjpeg-turbo at a reduced scale, or None where Pillow must judge."""
    if not _is_jpeg(image) or image.mode not in ("RGB", "L"):
        return None
    import simplejpeg

    height, width = (math.ceil(side * eighths / 8) for side in (image.height, image.width))
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, min_height=height, min_width=width)
    except ValueError:  # damaged or merely odd: Pillow tells the two apart
        return None
    return pixels


def _in_strips(image: Image.Image, min_side: int | None) -> Pixels:
    """Decode with Pillow, and average a large picture in whole squares."""
    factor = _factor(*image.size, min_side)
    if _is_jpeg(image):
        image.draft(None, (image.width // factor, image.height // factor))
        factor = _factor(*image.size, min_side)
    if image.mode == "F":
        raise UnreadablePhoto("floating-point pixels have no defined white; save it as 8-bit")
    image.load()
    width, height = image.size
    shape = (math.ceil(height / factor), math.ceil(width / factor), 3)
    pixels = np.empty(shape, np.uint8)
    rows = max(1, _STRIP // (width * factor))
    for top in range(0, shape[0], rows):
        strip = image.crop((0, top * factor, width, min((top + rows) * factor, height)))
        strip.info = image.info
        pixels[top : top + rows] = np.asarray(_rgb(strip).reduce(factor))
    return pixels


def _factor(width: int, height: int, min_side: int | None) -> int:
    """Choose the side in pixels of the squares that become one pixel: 1 where all are kept."""
    pixels = width * height
    needed = math.ceil(math.sqrt(pixels / MOST_PIXELS))
    if min_side is None or pixels <= _WHOLE:
        return needed
    return max(needed, min(width, height) // (2 * min_side))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        wide = np.asarray(image).astype(np.int64)
        return Image.fromarray((np.clip(wide, 0, 65535) // 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn pixels as the EXIF orientation says; values other than 2 to 8 say nothing."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
