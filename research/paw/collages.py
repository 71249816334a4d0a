"""Pictures of two animals, made from two photos: the positives and the hard negatives of *both*.

A cat beside a dog is a positive, a cat beside another cat a negative drawn the same way, so that
what is learned is the second kind of animal and not the seam.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

LAYOUTS = ("beside", "stacked", "inset", "over")
_SIDE = 240  # of the pictures that are put together; most photos hold no more than 200 pixels


def collage(first: Pixels, second: Pixels, layout: str, rng: np.random.Generator) -> Pixels:
    """Put two photos into one picture.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (H, W, 3)
    layout : {"beside", "stacked", "inset", "over"}
        Side by side; one below the other; a small one in a corner; one partly over the other.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
    """
    return _LAYOUTS[layout](Image.fromarray(first), Image.fromarray(second), rng)


def _beside(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Pixels:
    # Half of them keep both photos whole, which the square input then squeezes to half their width.
    share = 1.0 if rng.random() < 0.5 else rng.uniform(0.5, 0.8)
    parts = [_cut(photo, share, rng) for photo in (first, second)]
    gap = int(rng.choice([0, 0, 2, 6]))
    tone = int(rng.choice([0, 255]))
    width = sum(part.width for part in parts) + gap
    canvas = Image.new("RGB", (width, _SIDE), (tone,) * 3)
    canvas.paste(parts[0], (0, 0))
    canvas.paste(parts[1], (parts[0].width + gap, 0))
    return np.asarray(canvas)


def _stacked(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Pixels:
    turned = [photo.transpose(Image.Transpose.TRANSPOSE) for photo in (first, second)]
    return _beside(turned[0], turned[1], rng).transpose(1, 0, 2)


def _inset(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Pixels:
    canvas = _square(first, _SIDE)
    side = round(_SIDE * rng.uniform(0.3, 0.5))
    margin = int(rng.integers(0, 12))
    far = _SIDE - side - margin
    spot = int(rng.choice([margin, far])), int(rng.choice([margin, far]))
    if rng.random() < 0.5:
        canvas.paste(Image.new("RGB", (side + 6, side + 6), "white"), (spot[0] - 3, spot[1] - 3))
    canvas.paste(_square(second, side), spot)
    return np.asarray(canvas)


def _over(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Pixels:
    tone = tuple(int(level) for level in rng.integers(0, 256, 3))
    canvas = Image.new("RGB", (_SIDE, _SIDE), tone)
    side, upper = (round(_SIDE * rng.uniform(0.6, 0.75)) for _ in range(2))
    below, above = (0, 0), (_SIDE - upper, _SIDE - upper)
    if rng.random() < 0.5:
        below, above = (_SIDE - side, 0), (0, _SIDE - upper)
    canvas.paste(_square(first, side), below)
    canvas.paste(_square(second, upper), above)
    return np.asarray(canvas)


def _cut(photo: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """The photo at the common height, cut to a share of its width near its middle."""
    whole = photo.resize((round(_SIDE * photo.width / photo.height), _SIDE))
    width = max(round(share * whole.width), 1)
    left = round((whole.width - width) * rng.uniform(0.3, 0.7))
    return whole.crop((left, 0, left + width, _SIDE))


def _square(photo: Image.Image, side: int) -> Image.Image:
    return photo.resize((side, side))


_LAYOUTS: dict[str, Callable[[Image.Image, Image.Image, np.random.Generator], Pixels]] = {
    "beside": _beside,
    "stacked": _stacked,
    "inset": _inset,
    "over": _over,
}
