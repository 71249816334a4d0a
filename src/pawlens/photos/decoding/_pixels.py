"""From an opened picture to upright RGB, in bounded memory.

Pillow keeps a whole picture in four bytes a pixel, and every conversion copies it. So a picture is
converted strip by strip, threads share a budget of memory, a large JPEG is decoded at a reduced
scale, other large pictures are averaged while they are converted, and what would need too much in
any case is refused by its header.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from ...base import Budget
from ...errors import UnreadablePhoto

if TYPE_CHECKING:
    Pixels = npt.NDArray[np.uint8]

__all__ = ["MOST_PIXELS", "Decoded", "orientation_of", "read_pixels", "refuse_costly"]

MOST_PIXELS = 25_000_000
"""Most pixels that a decoded photo has; a larger one comes at a reduced scale."""

_ORIENTATION_TAG = 0x0112
_MEMORY = Budget(500_000_000)  # bytes that decoding takes at a time, in all threads together
_MOST = 800_000_000  # bytes that one photo may take, while no other is decoded
_BYTES = {"WEBP": 16, "HEIF": 10, "AVIF": 10}  # a pixel, by format: these hold several pictures
_PILLOW = 4  # bytes a pixel of the others
_WHOLE = 4_000_000  # pixels up to which no format but JPEG is decoded smaller
_STRIP = 2**20  # pixels that are converted at a time


class Decoded(NamedTuple):
    """Upright pixels, and how they lie on the photo that they come from.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
    factor : int
        Pixels of the photo, along each side, that one pixel stands for: 1, 2, 4 or 8.
    left, top : float
        Pixels before the photo begins: where its side is no multiple of `factor`, a part of the
        outermost pixel lies beyond it, at the right and at the bottom before the photo was turned.
    width, height : int
        Sides of the photo, upright.
    """

    pixels: Pixels
    factor: int
    left: float
    top: float
    width: int
    height: int


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
        Decoding would need more memory than one photo may take, or a JPEG has not
        one bit for each of its blocks.
    """
    pixels = image.width * image.height
    most = _MOST * pixels // max(_cost(image, 8), 1)
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


def orientation_of(image: Image.Image) -> int:
    """Return how an opened picture is to be turned, 1 (not at all) to 8, as EXIF numbers it.

    Pillow turns a TIFF by itself, its size when it is opened and its pixels when they are loaded.
    """
    if image.format == "TIFF":
        return 1
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    return orientation if orientation in range(1, 9) else 1


def read_pixels(image: Image.Image, data: bytes, min_side: int | None) -> Decoded:
    """Decode an opened picture, upright and at the scale of `choose_factor`; see `decode`."""
    orientation = orientation_of(image)
    width, height = image.size
    factor = choose_factor(width, height, min_side, jpeg=_is_jpeg(image))
    with _MEMORY.take(_cost(image, factor)):
        pixels = _fast_jpeg(image, data, factor)
        if pixels is None:
            pixels = _in_strips(image, factor)
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    left, top = (-side % factor / factor for side in (width, height))
    return Decoded(
        _upright(pixels, orientation),
        factor,
        left if orientation in (2, 3, 6, 7) else 0.0,
        top if orientation in (3, 4, 7, 8) else 0.0,
        width,
        height,
    )


def choose_factor(width: int, height: int, min_side: int | None, *, jpeg: bool) -> int:
    """Choose how many pixels of a photo, along each side, become one: 1, 2, 4 or 8.

    Nothing else chooses a scale. libjpeg-turbo has vector instructions for these four and for no
    other scale, so that three quarters of a side take longer to decode than the whole.

    Parameters
    ----------
    width, height : int
        Sides of the photo in pixels.
    min_side : int, optional
        Fewest pixels that the shorter side keeps; None for all that `MOST_PIXELS` allows.
    jpeg : bool
        Whether a smaller scale costs less; other formats of up to 4 megapixels are kept whole.
    """
    factor, shorter = 1, min(width, height)
    while width * height > MOST_PIXELS * factor**2:
        factor *= 2
    if min_side is not None and (jpeg or width * height > _WHOLE):
        while factor < 8 and shorter >= 2 * factor * min_side:
            factor *= 2
    return factor


def _cost(image: Image.Image, factor: int) -> int:
    """Estimate the bytes that decoding takes at its peak, the result included."""
    pixels = image.width * image.height
    if not _is_jpeg(image):
        return _BYTES.get(image.format or "", _PILLOW) * pixels
    scaled = pixels // factor**2
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


def _fast_jpeg(image: Image.Image, data: bytes, factor: int) -> Pixels | None:
    """Decode with libjpeg-turbo at a reduced scale, or None where Pillow must judge."""
    if not _is_jpeg(image) or image.mode not in ("RGB", "L"):
        return None
    import simplejpeg

    height, width = (math.ceil(side / factor) for side in (image.height, image.width))
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, min_height=height, min_width=width)
    except ValueError:  # damaged or merely odd: Pillow tells the two apart
        return None
    return pixels


def _in_strips(image: Image.Image, factor: int) -> Pixels:
    """Decode with Pillow, and average a large picture in whole squares."""
    if _is_jpeg(image):
        before = image.width
        image.draft(None, (image.width // factor, image.height // factor))
        factor = round(factor * image.width / before)  # what libjpeg has left to do
    if image.mode in ("F", "I"):
        kind = "floating-point" if image.mode == "F" else "32-bit"
        raise UnreadablePhoto(f"{kind} pixels have no defined white; save it as 8-bit")
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


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L"):
        wide = np.asarray(image).astype(np.int64)
        return Image.fromarray((np.clip(wide, 0, 65535) // 257).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn pixels as the EXIF orientation says."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
