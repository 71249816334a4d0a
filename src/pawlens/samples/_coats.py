"""The looks of a drawn animal: coat, ears, muzzle, mood, and the marks on its coat.

Colours, patterns, collars and poses are shared by both kinds, so that none of them tells a cat
from a dog; what tells them apart is the shape of ears, eyes, muzzle and nose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from ._pen import Colour, Points, mix, oval, smooth, stroke

__all__ = ["Animal", "Kind", "body_marks", "head_marks", "meet"]

Kind: TypeAlias = Literal["cat", "dog"]
Marks: TypeAlias = list[tuple[Points, Colour]]

_COATS: tuple[Colour, ...] = (
    (44, 42, 44),
    (84, 80, 80),
    (132, 132, 138),
    (112, 122, 138),
    (238, 234, 228),
    (234, 214, 180),
    (214, 140, 70),
    (192, 106, 52),
    (150, 108, 76),
    (98, 66, 48),
    (206, 176, 132),
    (224, 180, 108),
)
_WHITE: Colour = (246, 243, 238)
_CAT_EYES: tuple[Colour, ...] = (
    (150, 190, 70),
    (98, 168, 104),
    (226, 178, 50),
    (208, 124, 42),
    (100, 168, 214),
)
_DOG_EYES: tuple[Colour, ...] = (
    (74, 44, 26),
    (104, 62, 32),
    (52, 34, 26),
    (150, 98, 46),
    (124, 170, 204),
)
_COLLARS: tuple[Colour, ...] = (
    (196, 40, 44),
    (40, 92, 178),
    (44, 140, 84),
    (230, 160, 40),
    (40, 40, 44),
)
_PATTERNS = ("plain", "tabby", "patches", "spots", "points", "bicolour")
_PATTERN_ODDS = {
    "cat": (0.24, 0.32, 0.12, 0.04, 0.12, 0.16),
    "dog": (0.34, 0.04, 0.20, 0.12, 0.14, 0.16),
}
_EARS = {"cat": ("pointed", "folded"), "dog": ("drop", "button", "pricked", "long")}
_EAR_ODDS = {"cat": (0.96, 0.04), "dog": (0.42, 0.22, 0.20, 0.16)}


@dataclass(frozen=True)
class Animal:
    """One animal; lengths are in head radii."""

    kind: Kind
    base: Colour
    second: Colour
    muzzle_colour: Colour
    pattern: str
    eye: Colour
    nose_colour: Colour
    collar: Colour | None
    ears: str
    ear_size: float
    muzzle: float
    nose: float
    pupil: float
    width: float
    fluff: float
    yaw: float
    asleep: bool
    tongue: bool


def meet(kind: Kind, rng: np.random.Generator, *, odd: bool = False) -> Animal:
    """Draw a random animal; an `odd` one has the other kind's ears, muzzle and pupils."""
    cat = kind == "cat"
    base = _tinted(_COATS[rng.integers(len(_COATS))], rng)
    second = _tinted(_COATS[rng.integers(len(_COATS))], rng)
    pattern = str(rng.choice(_PATTERNS, p=_PATTERN_ODDS[kind]))
    if pattern in ("tabby", "points"):
        second = mix(base, (30, 22, 18), rng.uniform(0.45, 0.75))
    if pattern == "bicolour" or (pattern in ("patches", "spots") and rng.random() < 0.6):
        base, second = (base, _WHITE) if pattern == "bicolour" else (_WHITE, base)
    ears = str(rng.choice(_EARS[kind], p=_EAR_ODDS[kind]))
    muzzle = rng.uniform(0.0, 0.25) if cat else rng.uniform(0.35, 1.0)
    nose = rng.uniform(0.11, 0.15) if cat else rng.uniform(0.17, 0.26)
    pupil = rng.uniform(0.15, 0.6) if cat else 0.9
    if odd:
        ears = "folded" if cat else "pricked"
        muzzle, nose, pupil = rng.uniform(0.22, 0.35), 0.15, 0.85
    pale = pattern == "bicolour" or rng.random() < 0.45
    return Animal(
        kind=kind,
        base=base,
        second=second,
        muzzle_colour=mix(base, second if pattern == "points" else _WHITE, 0.75 if pale else 0.15),
        pattern=pattern,
        eye=_one(_CAT_EYES if cat else _DOG_EYES, rng, last_is_rare=not cat),
        nose_colour=_tinted(
            (214, 132, 128) if rng.random() < (0.6 if cat else 0.1) else (40, 32, 34), rng
        ),
        collar=_one(_COLLARS, rng) if rng.random() < (0.25 if cat else 0.45) else None,
        ears=ears,
        ear_size=rng.uniform(0.8, 1.2),
        muzzle=muzzle,
        nose=nose,
        pupil=pupil,
        width=rng.uniform(0.92, 1.12) if cat else rng.uniform(0.85, 1.08),
        fluff=float(rng.choice([0.004, 0.012, 0.024])),
        yaw=float(np.clip(rng.normal(0, 0.4), -0.95, 0.95)),
        asleep=bool(rng.random() < 0.08),
        tongue=bool(rng.random() < (0.02 if cat else 0.4)),
    )


def head_marks(animal: Animal, rng: np.random.Generator) -> Marks:
    """Return the marks on a head of radius 1 around 0."""
    tint = animal.second
    if animal.pattern == "tabby":
        crown = [
            stroke([x - 0.42j, 1.2 * x - 0.62j, 1.5 * x - 0.95j], 0.05, 0.07)
            for x in (-0.3, -0.1, 0.1, 0.3)
        ]
        cheeks = [
            stroke(
                [side * 0.6 + y * 1j, side * 0.9 + (y + 0.04) * 1j, side * 1.2 + (y - 0.05) * 1j],
                0.035,
                0.06,
            )
            for side in (-1, 1)
            for y in (0.05, 0.3, 0.5)
        ]
        return [(mark, tint) for mark in crown + cheeks]
    if animal.pattern == "patches":
        side = float(rng.choice([-1, 1]))
        around = [(oval(side * 0.5 - 0.3j, rng.uniform(0.4, 0.6), 0.75, side * 0.4), tint)]
        if rng.random() < 0.5:
            around.append((oval(-side * 0.75 - 0.5j, 0.4, 0.5), mix(tint, animal.base, 0.2)))
        return around
    if animal.pattern == "bicolour":
        w = rng.uniform(0.08, 0.3)
        blaze = smooth(
            [-0.9j, w - 0.4j, 0.5 + 0.35j, 0.75 + 0.9j, 1.2j, -0.75 + 0.9j, -0.5 + 0.35j, -w - 0.4j]
        )
        return [(blaze, tint)]
    if animal.pattern == "points":
        return [(oval(animal.yaw * 0.3 + 0.25j, 0.62, 0.72), tint)]
    if animal.pattern == "spots":
        return [
            (_spot(complex(rng.uniform(-0.9, 0.9), rng.uniform(-0.8, 0.7)), rng), tint)
            for _ in range(9)
        ]
    return []


def body_marks(animal: Animal, outline: Points, rng: np.random.Generator) -> Marks:
    """Return the marks on a body with this outline."""
    left, right = outline.real.min(), outline.real.max()
    top, bottom = outline.imag.min(), outline.imag.max()
    tint = animal.second

    def somewhere() -> complex:
        return complex(rng.uniform(left, right), rng.uniform(top, bottom))

    if animal.pattern == "tabby":
        lines = np.arange(left + 0.1, right, rng.uniform(0.28, 0.42))
        sway = rng.uniform(-0.25, 0.25)
        depth = (bottom - top) * rng.uniform(0.55, 1.0)
        return [
            (
                stroke(
                    [x + top * 1j, x + sway + (top + depth / 2) * 1j, x + (top + depth) * 1j],
                    0.1,
                    0.03,
                ),
                tint,
            )
            for x in lines
        ]
    if animal.pattern == "patches":
        size = (right - left) * 0.22
        return [
            (
                oval(
                    somewhere(),
                    size * rng.uniform(0.7, 1.5),
                    size * rng.uniform(0.6, 1.2),
                    rng.uniform(0, 3),
                ),
                tint,
            )
            for _ in range(4)
        ]
    if animal.pattern == "bicolour":
        middle = complex((left + right) / 2, bottom)
        return [(oval(middle, (right - left) * 0.38, (bottom - top) * rng.uniform(0.4, 0.9)), tint)]
    if animal.pattern == "spots":
        return [(_spot(somewhere(), rng), tint) for _ in range(26)]
    return []


def _spot(centre: complex, rng: np.random.Generator) -> Points:
    return oval(centre, rng.uniform(0.07, 0.17), rng.uniform(0.06, 0.13), rng.uniform(0, 3), n=12)


def _one(
    colours: tuple[Colour, ...], rng: np.random.Generator, *, last_is_rare: bool = False
) -> Colour:
    if last_is_rare and rng.random() < 0.95:
        colours = colours[:-1]
    return _tinted(colours[rng.integers(len(colours))], rng)


def _tinted(colour: Colour, rng: np.random.Generator) -> Colour:
    red, green, blue = np.clip(np.array(colour) + rng.normal(0, 6) + rng.normal(0, 4, 3), 12, 252)
    return round(red), round(green), round(blue)
