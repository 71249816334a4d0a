"""Small JPEGs of decoded photos, for pages and contact sheets."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["jpeg"]


def jpeg(pixels: Pixels, side: int | None = None, *, quality: int = 80) -> bytes:
    """A JPEG of uint8 [H, W, 3], its longer side brought down to `side` pixels."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    if side is not None:
        picture.thumbnail((side, side))
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality)
    return sink.getvalue()
