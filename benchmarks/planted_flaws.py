"""Flaws to plant in photos: two in one, copies, and what spoils a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps


def join(one: Image.Image, other: Image.Image, way: int) -> Image.Image:
    """Beside each other, above each other, or the second in a corner of the first."""
    one, other = one.resize((200, 200)), other.resize((200, 200))
    if way == 2:
        whole = one.resize((400, 400))
        whole.paste(other.resize((180, 180)), (220, 220))
        return whole
    whole = Image.new("RGB", (400, 200) if way == 0 else (200, 400))
    whole.paste(one, (0, 0))
    whole.paste(other, (200, 0) if way == 0 else (0, 200))
    return whole


def copy(way: str, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    if way == "resized":
        width, height = (round(side * rng.uniform(0.4, 1.6)) for side in picture.size)
        return picture.resize((width, height), Image.Resampling.BICUBIC)
    if way == "mirrored":
        return ImageOps.mirror(picture)
    if way == "cropped":
        left, top, right, bottom = rng.uniform(0.01, 0.12, 4)
        width, height = picture.size
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        return picture.crop(tuple(round(side) for side in box))
    return picture


def spoil(kind: str, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    if kind == "border":
        sides = [round(side * rng.uniform(0.08, 0.4)) for side in (*picture.size, *picture.size)]
        if rng.random() < 0.5:  # on two sides only
            sides[::2] = [0, 0]
        return ImageOps.expand(picture, tuple(sides), "white")
    if kind == "blurred":
        return picture.filter(ImageFilter.GaussianBlur(0.015 * max(picture.size)))
    if kind == "dark":
        return ImageEnhance.Brightness(picture).enhance(rng.uniform(0.1, 0.25))
    if kind == "light":
        return Image.blend(Image.new("RGB", picture.size, "white"), picture, rng.uniform(0.1, 0.25))
    return Image.blend(Image.new("RGB", picture.size, "grey"), picture, rng.uniform(0.01, 0.04))
