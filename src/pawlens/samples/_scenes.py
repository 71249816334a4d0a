"""Backgrounds of drawn animals: rooms, floors, blankets, meadows and shores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ._pen import Colour, mix

__all__ = ["Size", "any_colour", "backdrop"]

Size: TypeAlias = tuple[int, int]
_WHITE: Colour = (255, 255, 255)
_BLACK: Colour = (0, 0, 0)


def any_colour(rng: np.random.Generator, low: int = 40, high: int = 235) -> Colour:
    """Draw a colour that is seldom garish: a random grey with a random tint."""
    grey = rng.integers(low, high)
    red, green, blue = np.clip(grey + rng.normal(0, 28, 3), 8, 250)
    return round(red), round(green), round(blue)


def _ramp(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    two = Image.new("RGB", (1, 2), top)
    two.putpixel((0, 1), bottom)
    return two.resize(size, Image.Resampling.BILINEAR)


def backdrop(size: Size, rng: np.random.Generator) -> Image.Image:
    """Draw a random place of this size, indoors or out, more or less out of focus."""
    width, height = size
    scene = _SCENES[rng.integers(len(_SCENES))](size, rng)
    speckle = rng.integers(0, 256, (height // 3 + 1, width // 3 + 1), dtype=np.uint8)
    grain = Image.fromarray(speckle).resize(size, Image.Resampling.BILINEAR).convert("RGB")
    scene = Image.blend(scene, grain, rng.uniform(0.0, 0.06))
    # A blur of a small copy costs little and looks the same.
    blur = int(rng.choice([1, 1, 2, 3, 5]))
    if blur > 1:
        small = scene.reduce(blur).filter(ImageFilter.GaussianBlur(1.2))
        scene = small.resize(size, Image.Resampling.BICUBIC)
    return scene


def _studio(size: Size, rng: np.random.Generator) -> Image.Image:
    colour = any_colour(rng)
    return _ramp(
        size, mix(colour, _WHITE, rng.uniform(0, 0.4)), mix(colour, _BLACK, rng.uniform(0, 0.4))
    )


def _room(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    wall, ground = any_colour(rng, 110), any_colour(rng)
    picture = _ramp(size, mix(wall, _WHITE, 0.25), mix(wall, _BLACK, 0.15))
    pen = ImageDraw.Draw(picture)
    if rng.random() < 0.4:
        stripe = max(int(width * rng.uniform(0.05, 0.15)), 3)
        for edge in range(0, width, stripe):
            pen.rectangle((edge, 0, edge + stripe // 3, height), fill=mix(wall, _BLACK, 0.1))
    if rng.random() < 0.5:
        x, y = rng.uniform(0, 0.7) * width, rng.uniform(0, 0.2) * height
        w, h = rng.uniform(0.2, 0.4) * width, rng.uniform(0.2, 0.35) * height
        pen.rectangle((x, y, x + w, y + h), fill=any_colour(rng, 60, 120))
        pen.rectangle(
            (x + 0.06 * w, y + 0.06 * w, x + 0.94 * w, y + h - 0.06 * w), fill=any_colour(rng, 150)
        )
        pen.line((x + w / 2, y, x + w / 2, y + h), fill=(235, 232, 226), width=max(width // 60, 1))
    edge = int(height * rng.uniform(0.5, 0.75))
    picture.paste(_ramp((width, height - edge), mix(ground, _BLACK, 0.2), ground), (0, edge))
    pen.rectangle((0, edge - height // 30, width, edge), fill=mix(wall, _WHITE, 0.6))
    if rng.random() < 0.5:
        _sofa(picture, edge, rng)
    if rng.random() < 0.5:
        x, w = rng.uniform(0, 1) * width, rng.uniform(0.3, 0.7) * width
        pen.ellipse((x - w, height * 0.75, x + w, height * 1.1), fill=any_colour(rng))
    return picture


def _sofa(picture: Image.Image, edge: int, rng: np.random.Generator) -> None:
    width, height = picture.size
    pen = ImageDraw.Draw(picture)
    colour = any_colour(rng)
    x, w = rng.uniform(-0.3, 0.5) * width, rng.uniform(0.5, 0.9) * width
    top, bottom = edge - 0.3 * height, edge + 0.12 * height
    soft = 0.05 * width
    pen.rounded_rectangle((x, top, x + w, bottom), soft, fill=mix(colour, _BLACK, 0.15))
    pen.rounded_rectangle((x, edge - 0.06 * height, x + w, bottom), soft, fill=colour)
    for arm in (x - soft, x + w - soft):
        pen.rounded_rectangle(
            (arm, edge - 0.16 * height, arm + 2 * soft, bottom),
            soft,
            fill=mix(colour, _WHITE, 0.12),
        )
    for cushion in rng.uniform(0.1, 0.8, 2):
        left = x + cushion * w
        pen.rounded_rectangle(
            (left, top + 0.04 * height, left + 0.2 * w, edge - 0.05 * height),
            soft / 2,
            fill=any_colour(rng),
        )


def _meadow(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    sky = (round(rng.uniform(120, 190)), round(rng.uniform(170, 215)), round(rng.uniform(205, 245)))
    grass = (round(rng.uniform(60, 140)), round(rng.uniform(110, 170)), round(rng.uniform(35, 80)))
    edge = int(height * rng.uniform(0.08, 0.6))
    picture = _ramp(size, sky, mix(sky, _WHITE, 0.6))
    pen = ImageDraw.Draw(picture)
    for x in rng.uniform(-0.1, 1.1, 5) * width:
        r = rng.uniform(0.06, 0.2) * width
        crown = mix(grass, _BLACK, rng.uniform(0.2, 0.5))
        pen.ellipse((x - r, edge - 1.5 * r, x + r, edge + 0.5 * r), fill=crown)
    picture.paste(
        _ramp((width, height - edge), mix(grass, (220, 210, 120), 0.3), mix(grass, _BLACK, 0.2)),
        (0, edge),
    )
    tufts = rng.uniform(0, 1, (260, 4))
    for u, v, lean, tone in tufts.tolist():
        x, y = u * width, edge + v**0.7 * (height - edge)
        length = (0.015 + 0.06 * v) * height
        blade = mix(grass, _WHITE if tone > 0.5 else _BLACK, 0.35 * abs(tone - 0.5) * 2)
        pen.line(
            (x, y, x + (lean - 0.5) * length, y - length),
            fill=blade,
            width=1 + int(v * width / 170),
        )
    for x, y in (
        rng.uniform(0, 1, (int(rng.integers(0, 14)), 2)) * (width, height - edge)
    ).tolist():
        pen.ellipse((x - 2, edge + y - 2, x + 2, edge + y + 2), fill=(250, 240, 160))
    return picture


def _planks(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    wood = mix((168, 118, 72), any_colour(rng), 0.35)
    picture = Image.new("RGB", size, wood)
    pen = ImageDraw.Draw(picture)
    vanish = rng.uniform(-0.5, 1.5) * width
    edges = np.linspace(-1.5, 2.5, int(rng.integers(12, 24))) * width
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        tone = mix(wood, _BLACK if rng.random() < 0.5 else _WHITE, rng.uniform(0, 0.18))
        far = [vanish + (x - vanish) * 0.35 for x in (right, left)]
        pen.polygon([(left, height), (right, height), (far[0], 0), (far[1], 0)], fill=tone)
        pen.line([(left, height), (far[1], 0)], fill=mix(wood, _BLACK, 0.45), width=1)
    return picture


def _tiles(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    first, second = any_colour(rng), any_colour(rng)
    picture = Image.new("RGB", size, first)
    pen = ImageDraw.Draw(picture)
    tile = width / rng.uniform(3, 7)
    across, down = np.exp(1j * rng.uniform(0, np.pi / 2)) * np.array([1, 1j]) * tile
    checked = rng.random() < 0.5
    reach = int(1.5 * max(size) / tile) + 1
    for i in range(-reach, reach):
        for j in range(-reach, reach):
            corner = complex(width / 2, height / 2) + i * across + j * down
            corners = [
                corner,
                corner + 0.95 * across,
                corner + 0.95 * (across + down),
                corner + 0.95 * down,
            ]
            tone = second if checked and (i + j) % 2 else mix(first, _WHITE, 0.15)
            pen.polygon([(z.real, z.imag) for z in corners], fill=tone)
    return picture


def _blanket(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    base, band = any_colour(rng), any_colour(rng)
    picture = Image.new("RGB", size, base)
    over = Image.new("L", size, 0)
    pen = ImageDraw.Draw(over)
    gap = width * rng.uniform(0.08, 0.3)
    for x in np.arange(0, width, gap).tolist():
        pen.rectangle((x, 0, x + gap * 0.45, height), fill=130)
    if rng.random() < 0.6:
        for y in np.arange(0, height, gap).tolist():
            pen.rectangle((0, y, width, y + gap * 0.45), fill=190)
    picture.paste(Image.new("RGB", size, band), mask=over)
    folds = rng.integers(90, 256, (4, 5), dtype=np.uint8)
    shade = Image.fromarray(folds).resize(size, Image.Resampling.BICUBIC)
    return Image.composite(picture, Image.new("RGB", size, mix(base, _BLACK, 0.6)), shade)


def _lights(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    base = any_colour(rng, 30, 140)
    picture = _ramp(size, base, mix(base, _BLACK, 0.4))
    pen = ImageDraw.Draw(picture)
    for u, v, w in rng.uniform(0, 1, (22, 3)).tolist():
        r = (0.02 + 0.07 * w) * width
        glow = mix(base, any_colour(rng, 150, 250), 0.6)
        pen.ellipse((u * width - r, v * height - r, u * width + r, v * height + r), fill=glow)
    return picture


def _shore(size: Size, rng: np.random.Generator) -> Image.Image:
    width, height = size
    snowy = rng.random() < 0.5
    ground: Colour = (232, 238, 246) if snowy else (218, 194, 148)
    picture = _ramp(size, (130, 176, 220), (226, 236, 244))
    edge = int(height * rng.uniform(0.2, 0.5))
    pen = ImageDraw.Draw(picture)
    if snowy:
        for x in rng.uniform(0, 1, 4) * width:
            pen.polygon(
                [
                    (x - 0.3 * width, edge),
                    (x, edge - rng.uniform(0.1, 0.3) * height),
                    (x + 0.3 * width, edge),
                ],
                fill=(140, 156, 180),
            )
    else:
        pen.rectangle((0, edge - 0.12 * height, width, edge), fill=(64, 128, 164))
    picture.paste(_ramp((width, height - edge), ground, mix(ground, _BLACK, 0.18)), (0, edge))
    return picture


_SCENES: tuple[Callable[[Size, np.random.Generator], Image.Image], ...] = (
    _studio,
    _room,
    _room,
    _meadow,
    _meadow,
    _planks,
    _tiles,
    _blanket,
    _lights,
    _shore,
)
