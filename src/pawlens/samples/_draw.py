"""Drawn photos: an animal, its place, its light and a camera, all from one random generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from ._bodies import POSES
from ._coats import Kind, meet
from ._pen import Pen
from ._scenes import backdrop
from ._things import draw_things, hide_partly

__all__ = ["Kind", "draw_both", "draw_neither", "draw_photo"]

Pixels = npt.NDArray[np.uint8]
_POSE_ODDS = {"face": 0.34, "sitting": 0.22, "standing": 0.18, "lying": 0.16, "curled": 0.10}
_ODD_ONES = 0.04
_HIDDEN = 0.12
_SUPERSAMPLING = 2


def draw_photo(
    label: Kind, rng: np.random.Generator, size: tuple[int, int] | None = None
) -> Pixels:
    """Draw one animal somewhere.

    Parameters
    ----------
    label : {"cat", "dog"}
    rng : numpy.random.Generator
        Random generator; the picture is a function of its state.
    size : tuple of int, optional
        Width and height in pixels; random between 120 and 500 when left out.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB pixels. A few in a hundred are hard to tell, on purpose.
    """
    width, height = size or _random_size(rng)
    canvas, pen = _place(width, height, rng)
    odd = bool(rng.random() < _ODD_ONES)
    share = 0.25 + 0.7 * rng.random() ** 0.45
    if rng.random() < 0.1:
        spot = complex(rng.choice([0.25, 0.75]), rng.choice([0.28, 0.72]))
    else:
        spot = complex(rng.normal(0.5, 0.07), rng.normal(0.52, 0.06))
    _animal(pen, label, spot, share, odd=odd)
    if odd or rng.random() < _HIDDEN:
        hide_partly(pen, canvas.size)
    return _camera(canvas, rng)


def draw_both(rng: np.random.Generator) -> Pixels:
    """Draw a cat and a dog in one photo, uint8 (H, W, 3)."""
    width, height = _random_size(rng)
    canvas, pen = _place(width, height, rng)
    kinds: tuple[Kind, Kind] = ("cat", "dog") if rng.random() < 0.5 else ("dog", "cat")
    for kind, x in zip(kinds, (0.29, 0.71), strict=True):
        _animal(pen, kind, complex(x, rng.normal(0.52, 0.04)), rng.uniform(0.42, 0.54), odd=False)
    return _camera(canvas, rng)


def draw_neither(rng: np.random.Generator) -> Pixels:
    """Draw a landscape or a thing without any animal, uint8 (H, W, 3)."""
    width, height = _random_size(rng)
    canvas, pen = _place(width, height, rng)
    if rng.random() < 0.8:
        draw_things(pen, canvas.size)
    return _camera(canvas, rng)


def _random_size(rng: np.random.Generator) -> tuple[int, int]:
    long = rng.uniform(200, 500)
    short = max(long * rng.uniform(0.66, 1.0), 120)
    sides = (round(long), round(short))
    return sides if rng.random() < 0.65 else sides[::-1]


def _place(width: int, height: int, rng: np.random.Generator) -> tuple[Image.Image, Pen]:
    scene = backdrop((width, height), rng)
    enlarged = (_SUPERSAMPLING * width, _SUPERSAMPLING * height)
    canvas = scene.resize(enlarged, Image.Resampling.NEAREST)
    return canvas, Pen.on(canvas, rng)


def _animal(pen: Pen, kind: Kind, spot: complex, share: float, *, odd: bool) -> None:
    """Draw an animal with its middle at `spot` (0 to 1 in x and y), filling `share`."""
    rng = pen.rng
    width, height = pen.image.size
    name = str(rng.choice(list(_POSE_ODDS), p=list(_POSE_ODDS.values())))
    pose = POSES[name]
    left, top, right, bottom = pose.box
    share = max(share, 0.45) if name == "face" else share
    scale = share * min(width / (right - left), height / (bottom - top))
    turn = rng.normal(0, 0.13)
    middle = complex(spot.real * width, spot.imag * height)
    if name == "face":
        # A portrait has no feet: the picture ends below its chest.
        middle = complex(middle.real, max(middle.imag, height - scale * (bottom - top) / 2))
    frame = pen.at(middle, scale, turn, mirrored=bool(rng.random() < 0.5))
    frame = frame.at(-complex(left + right, top + bottom) / 2)
    pose.draw(frame, meet(kind, rng, odd=odd))


def _camera(canvas: Image.Image, rng: np.random.Generator) -> Pixels:
    """Apply focus, light from a side, a colour cast, exposure and noise."""
    photo = canvas.reduce(_SUPERSAMPLING)
    if rng.random() < 0.2:
        blur = rng.uniform(0.3, 1.6) * max(photo.size) / 350
        photo = photo.filter(ImageFilter.GaussianBlur(blur))
    corners = rng.normal(0.92, 0.13, (2, 2, 1)) * rng.normal(0.97, 0.04, 3)
    light = Image.fromarray((255 * corners.clip(0.4, 1)).astype(np.uint8))
    photo = ImageChops.multiply(photo, light.resize(photo.size, Image.Resampling.BILINEAR))
    exposure = float(rng.choice([0.7, 0.95, 1.1, 1.2, 1.35]))
    photo = photo.point([min(round(exposure * level), 255) for level in range(256)] * 3)
    grain = rng.standard_normal(photo.size[::-1], dtype=np.float32) * rng.choice([1, 3, 7])
    noise = Image.fromarray(np.clip(128 + grain, 0, 255).astype(np.uint8))
    photo = ImageChops.add(photo, Image.merge("RGB", (noise,) * 3), offset=-128)
    return np.array(photo, dtype=np.uint8)
