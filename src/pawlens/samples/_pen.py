"""A pen for soft, furry shapes: points are complex numbers, moves are one multiplication.

A point ``x + iy`` of a figure lands on the picture at ``origin + unit * point``, so that turning
and scaling a figure is a product with a complex number, and mirroring a conjugate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFilter

__all__ = ["Colour", "Pen", "Points", "curve", "mix", "oval", "smooth", "stroke"]

Points: TypeAlias = npt.NDArray[np.complex128]
Colour: TypeAlias = tuple[int, int, int]
Mark: TypeAlias = tuple[Points, Colour]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Mix two colours: ``share`` of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def oval(centre: complex, width: float, height: float, turn: float = 0.0, n: int = 36) -> Points:
    """Make an ellipse with half axes `width` and `height`, turned by `turn` radians."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    around = width * np.cos(angle) + 1j * height * np.sin(angle)
    outline: Points = centre + around * np.exp(1j * turn)
    return outline


def _catmull_rom(knots: Points, steps: int) -> Points:
    before, start, end, after = knots[:-3], knots[1:-2], knots[2:-1], knots[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :]
    cubic = 3 * (start - end) + after - before
    square = 2 * before - 5 * start + 4 * end - after
    path = start[:, None] + t / 2 * (
        (end - before)[:, None] + t * (square[:, None] + t * cubic[:, None])
    )
    flat: Points = path.ravel()
    return flat


def smooth(knots: Sequence[complex], steps: int = 8) -> Points:
    """Make a closed outline that runs smoothly through every knot."""
    z = np.asarray(knots, dtype=np.complex128)
    return _catmull_rom(np.concatenate([z[-1:], z, z[:2]]), steps)


def curve(knots: Sequence[complex], steps: int = 8) -> Points:
    """Make an open path that runs smoothly through every knot."""
    z = np.asarray(knots, dtype=np.complex128)
    ends = np.concatenate([2 * z[:1] - z[1:2], z, 2 * z[-1:] - z[-2:-1]])
    return np.append(_catmull_rom(ends, steps), z[-1])


def stroke(knots: Sequence[complex], start: float, end: float) -> Points:
    """Make a brush stroke with round caps, whose half width goes from `start` to `end`."""
    path = curve(knots)
    along = np.gradient(path)
    side = 1j * along / np.maximum(np.abs(along), 1e-9)
    half = np.linspace(start, end, len(path))
    fan = np.exp(-1j * np.linspace(0, np.pi, 7)[1:-1])
    return np.concatenate(
        [
            path + side * half,
            path[-1] + side[-1] * half[-1] * fan,
            (path - side * half)[::-1],
            path[0] - side[0] * half[0] * fan,
        ]
    )


@dataclass(frozen=True)
class Pen:
    """A pen that draws on `image` in its own frame of coordinates.

    Attributes
    ----------
    image : PIL.Image.Image
        The picture, RGB, drawn at twice its final size.
    rng : numpy.random.Generator
    dome : PIL.Image.Image
        Light on a round shape, ``L``: 255 where it is lit, 0 where it turns away.
    fur : PIL.Image.Image
        Texture of fur, ``L``, near white.
    unit, origin : complex
        Where the frame's 1 and 0 lie, in pixels.
    mirrored : bool
        Whether x runs to the left.
    """

    image: Image.Image
    rng: np.random.Generator
    dome: Image.Image
    fur: Image.Image
    unit: complex = 1.0
    origin: complex = 0.0
    mirrored: bool = False

    @classmethod
    def on(cls, image: Image.Image, rng: np.random.Generator) -> Pen:
        """Make a pen whose frame is the picture's pixels, with light from a random upper side."""
        y, x = np.mgrid[-1:1:48j, -1:1:48j]
        away = np.hypot(x - rng.uniform(-0.5, 0.5), y + rng.uniform(0.1, 0.5)) / 1.35
        dome = Image.fromarray((255 * (1 - np.clip(away, 0, 1) ** 2)).astype(np.uint8))
        side = max(image.size)
        strands = rng.integers(190, 256, (max(side // 14, 2), max(side // 4, 2)), dtype=np.uint8)
        fur = Image.fromarray(strands).resize((side, side), Image.Resampling.BILINEAR)
        return cls(image, rng, dome, fur)

    def at(
        self, origin: complex, scale: float = 1.0, turn: float = 0.0, *, mirrored: bool = False
    ) -> Pen:
        """Return the pen in a frame that is moved, scaled, turned and mirrored."""
        factor = scale * np.exp(1j * turn)
        return replace(
            self,
            unit=complex(self.unit * (np.conj(factor) if self.mirrored else factor)),
            origin=complex(self._place(np.array(origin))),
            mirrored=self.mirrored != mirrored,
        )

    def _place(self, points: Points) -> Points:
        return self.origin + self.unit * (-np.conj(points) if self.mirrored else points)

    def fill(self, outline: Points, colour: Colour) -> None:
        """Draw a flat shape."""
        ImageDraw.Draw(self.image).polygon(_flat(self._place(outline)), fill=colour)

    def line(self, knots: Sequence[complex], colour: Colour, width: float) -> None:
        """Draw a smooth thin line, `width` in units of the frame."""
        pixels = max(1, round(width * abs(self.unit)))
        path = _flat(self._place(curve(knots, 6)))
        ImageDraw.Draw(self.image).line(path, fill=colour, width=pixels, joint="curve")

    def shadow(self, centre: complex, width: float) -> None:
        """Draw a soft dark oval on the ground."""
        middle = complex(self._place(np.array(centre)))
        size = round(2.4 * width * abs(self.unit)) + 5, round(0.5 * width * abs(self.unit)) + 1
        left, top = round(middle.real) - size[0] // 2, round(middle.imag) - size[1] // 2
        # The gradient is 181 at the middle of an edge, where the shadow has to end.
        fade = [max(0, 120 * (181 - level) // 181) for level in range(256)]
        mask = Image.radial_gradient("L").point(fade).resize(size)
        self.image.paste((16, 14, 18), (left, top, left + size[0], top + size[1]), mask)

    def blob(
        self,
        outline: Points,
        colour: Colour,
        *,
        marks: Iterable[Mark] = (),
        shade: float = 0.5,
        fluff: float = 0.0,
    ) -> None:
        """Draw a rounded furry shape; `marks` are painted on it and end where it ends.

        Parameters
        ----------
        outline : ndarray of complex128, shape (n,)
        colour : tuple of int
        marks : iterable of (outline, colour)
        shade : float
            Darkness of the side away from the light, 0 to 1.
        fluff : float
            Length of single hairs beyond the outline, in units of the frame.
        """
        if fluff:
            outline = _bristle(outline, fluff, self.rng)
        pixels = self._place(outline)
        left, top = int(pixels.real.min()), int(pixels.imag.min())
        size = (int(pixels.real.max()) - left + 1, int(pixels.imag.max()) - top + 1)
        corner = complex(left, top)
        coat = Image.new("RGB", size, colour)
        painted = False
        for mark, tint in marks:
            ImageDraw.Draw(coat).polygon(_flat(self._place(mark) - corner), fill=tint)
            painted = True
        if painted:
            coat = coat.filter(ImageFilter.BoxBlur(0.02 * abs(self.unit)))
        light = Image.blend(Image.new("L", self.dome.size, 255), self.dome, shade)
        light = light.resize(size, Image.Resampling.BILINEAR)
        light = ImageChops.multiply(light, self._strands(size))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(_flat(pixels - corner), fill=255)
        coat = ImageChops.multiply(coat, Image.merge("RGB", (light, light, light)))
        self.image.paste(coat, (left, top), mask)

    def _strands(self, size: tuple[int, int]) -> Image.Image:
        spare = [have - need for have, need in zip(self.fur.size, size, strict=True)]
        if min(spare) < 0:
            return self.fur.resize(size)
        x, y = (int(self.rng.integers(room + 1)) for room in spare)
        return self.fur.crop((x, y, x + size[0], y + size[1]))


def _bristle(outline: Points, length: float, rng: np.random.Generator) -> Points:
    step = np.roll(outline, -1) - outline
    dense = (outline[:, None] + step[:, None] * np.array([0, 1 / 3, 2 / 3])).ravel()
    along = np.roll(dense, -1) - np.roll(dense, 1)
    outwards = 1j * along / np.maximum(np.abs(along), 1e-9)
    hair: Points = dense + outwards * rng.normal(0, length, len(dense))
    return hair


def _flat(points: Points) -> list[float]:
    """Return x and y in turn, as Pillow takes them."""
    xy: list[float] = np.ascontiguousarray(points, np.complex128).view(np.float64).tolist()
    return xy
