"""The colours of maps: orange for, blue against, equally light and equally strong.

A rainbow shows edges where there are none and hides others. Here the strength of the colour alone
grows with the value, in step, and both hues have the same lightness (0.65) and chroma (0.17) in
OKLab, a space in which equal distances look equal (Ottosson 2020). So +1 and -1 look alike strong,
also to those who cannot tell red from green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["AGAINST", "FOR", "STRONGEST", "blend"]

FOR = (222, 105, 7)
AGAINST = (35, 147, 241)

STRONGEST = 0.8
"""How much of a pixel is colour where the map is largest."""

_FADED = 0.55  # share of the photo's own colour that is removed, so that the map stands out
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def blend(pixels: Pixels, values: Floats32, largest: float) -> Pixels:
    """Lay a signed map on a photo.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, 3)
    values : ndarray of float32, shape (H, W)
    largest : float
        The value, with either sign, that gets the full colour.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
    """
    photo = pixels.astype(np.float32)
    photo += _FADED * ((photo @ _LUMA)[:, :, None] - photo)
    share = values / largest if largest > 0 else np.zeros_like(values)
    strength = STRONGEST * np.minimum(np.abs(share), 1)[:, :, None]
    colour = np.where(
        values[:, :, None] > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32)
    )
    return np.asarray(np.rint(photo + strength * (colour - photo)), np.uint8)
