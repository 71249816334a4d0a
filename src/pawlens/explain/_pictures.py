"""Explanations as pictures: PNG files at the photo's size, small JPEGs inside a page."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    Pixels = npt.NDArray[np.uint8]

__all__ = ["data_uri", "jpeg", "png"]

_QUALITY = 84


def png(pixels: Pixels) -> bytes:
    """A PNG of uint8 [H, W, 3]."""
    sink = io.BytesIO()
    _picture(pixels).save(sink, "PNG", compress_level=6)
    return sink.getvalue()


def jpeg(pixels: Pixels, side: int) -> bytes:
    """A JPEG of uint8 [H, W, 3], its longer side brought down to `side` pixels."""
    picture = _picture(pixels)
    picture.thumbnail((side, side))
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=_QUALITY)
    return sink.getvalue()


def data_uri(data: bytes) -> str:
    """A JPEG to stand in a page."""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"


def _picture(pixels: Pixels) -> Image.Image:
    from PIL import Image

    return Image.fromarray(pixels)
