"""Heads of drawn cats and dogs, in a frame where the head's radius is about 1.

A head that looks aside (`Animal.yaw`) moves each feature by its depth: a dog's nose stands far
in front of its eyes and moves most, which is what shows a long muzzle.
"""

from __future__ import annotations

import numpy as np

from ._coats import Animal, head_marks
from ._pen import Colour, Pen, Points, mix, oval, smooth, stroke

__all__ = ["draw_collar", "draw_head"]

_DARK: Colour = (28, 22, 24)
_PINK: Colour = (222, 150, 148)
_TONGUE: Colour = (226, 110, 122)
_SIDES = (-1, 1)


def draw_head(pen: Pen, animal: Animal) -> None:
    """Draw ears, head, muzzle, eyes, nose, mouth and whiskers."""
    behind = animal.ears in ("pointed", "pricked")
    if behind:
        _ears(pen, animal)
    pen.blob(
        _outline(animal),
        animal.base,
        marks=head_marks(animal, pen.rng),
        fluff=animal.fluff,
    )
    if not behind:
        _ears(pen, animal)
    if animal.kind == "cat":
        _cat_eyes(pen, animal)
        _cat_muzzle(pen, animal)
    else:
        _dog_eyes(pen, animal)
        _dog_muzzle(pen, animal)


def draw_collar(pen: Pen, animal: Animal) -> None:
    """Draw a collar with a tag or bell below the head; nothing for an animal without one."""
    if animal.collar is None:
        return
    pen.line([-0.72 + 0.72j, -0.4 + 1.02j, 1.12j, 0.4 + 1.02j, 0.72 + 0.72j], animal.collar, 0.2)
    pen.blob(oval(1.3j, 0.15, 0.16), (224, 190, 90), shade=0.6)


def _outline(animal: Animal) -> Points:
    if animal.kind == "cat":
        half = [0.5 - 0.78j, 0.9 - 0.3j, 1.04 + 0.25j, 0.74 + 0.68j, 0.32 + 0.86j]
        top, chin = -0.82j, 0.9j
    else:
        half = [0.55 - 0.78j, 0.86 - 0.28j, 0.84 + 0.2j, 0.66 + 0.58j, 0.34 + 0.82j]
        top, chin = -0.86j, 0.88j
    right = [complex(z.real * animal.width, z.imag) for z in half]
    left = [complex(-z.real, z.imag) for z in reversed(right)]
    return smooth([top, *right, chin, *left])


_EAR_SHAPES: dict[str, tuple[complex, ...]] = {
    # Right ear: outlines from the inner base over the tip to the outer base.
    "pointed": (0.2 - 0.7j, 0.5 - 1.1j, 0.8 - 1.42j, 0.93 - 0.95j, 0.96 - 0.2j, 0.5 - 0.3j),
    "folded": (0.3 - 0.78j, 0.62 - 0.95j, 0.92 - 0.72j, 0.84 - 0.42j, 0.62 - 0.5j, 0.42 - 0.6j),
    "pricked": (0.22 - 0.7j, 0.36 - 1.25j, 0.6 - 1.62j, 0.8 - 1.3j, 0.84 - 0.4j, 0.5 - 0.4j),
    "drop": (
        0.42 - 0.8j,
        0.86 - 0.82j,
        1.18 - 0.3j,
        1.22 + 0.3j,
        0.98 + 0.52j,
        0.78 + 0.1j,
        0.68 - 0.4j,
    ),
    "button": (0.34 - 0.78j, 0.6 - 1.1j, 0.92 - 1.0j, 1.08 - 0.55j, 0.98 - 0.16j, 0.74 - 0.45j),
    "long": (
        0.5 - 0.7j,
        0.92 - 0.7j,
        1.2 - 0.1j,
        1.32 + 0.7j,
        1.12 + 1.2j,
        0.84 + 0.95j,
        0.74 + 0.1j,
    ),
}


def _ears(pen: Pen, animal: Animal) -> None:
    tint = animal.second if animal.pattern in ("points", "patches", "spots") else animal.base
    colour = mix(tint, _DARK, 0.18)
    erect = animal.ears in ("pointed", "pricked")
    droop = pen.rng.uniform(-0.12, 0.12)
    for side in _SIDES:
        shape = np.array(_EAR_SHAPES[animal.ears])
        root = shape[0] * 0.5 + shape[-1] * 0.5
        shape = root + (shape - root) * animal.ear_size * np.exp(1j * droop)
        shape = shape.real * (animal.width - 0.12 * side * animal.yaw) + 1j * shape.imag
        if side < 0:
            shape = -np.conj(shape)
        pen.blob(smooth(list(shape), 5), colour, shade=0.45, fluff=animal.fluff)
        if erect:
            middle = shape[[0, 2, 4]].mean()
            inner = middle + (shape - middle) * 0.62 + 0.1j
            pen.blob(smooth(list(inner), 5), mix(_PINK, colour, 0.35), shade=0.5)


def _closed_eye(pen: Pen, centre: complex, width: float) -> None:
    pen.line([centre - width, centre + 0.5j * width, centre + width], _DARK, 0.06)


def _cat_eyes(pen: Pen, animal: Animal) -> None:
    slant = pen.rng.uniform(0.05, 0.3)
    for side in _SIDES:
        centre = side * 0.43 * animal.width + 0.22 * animal.yaw - 0.06j
        if animal.asleep:
            _closed_eye(pen, centre, 0.24)
            continue
        eye = pen.at(centre, 1.0, -side * slant)
        almond = [-0.27, -0.12 - 0.19j, 0.12 - 0.19j, 0.27, 0.12 + 0.19j, -0.12 + 0.19j]
        eye.fill(smooth([1.14 * z for z in almond]), _DARK)
        eye.blob(smooth(almond), animal.eye, shade=0.35)
        upright = pen.at(centre + 0.03 * animal.yaw)
        upright.fill(oval(0, 0.17 * animal.pupil + 0.015, 0.19, n=20), (12, 10, 12))
        upright.fill(oval(0.07 - 0.09j, 0.05, 0.05, n=10), (255, 255, 255))


def _cat_muzzle(pen: Pen, animal: Animal) -> None:
    depth = animal.yaw * (0.36 + animal.muzzle)
    snout = pen.at(depth + 0.38j)
    snout.blob(oval(0.22j, 0.2, 0.17), animal.muzzle_colour, shade=0.4)
    for side in _SIDES:
        snout.blob(
            oval(side * 0.17 + 0.07j, 0.23, 0.18), animal.muzzle_colour, shade=0.3, fluff=0.006
        )
    w = animal.nose
    nose = smooth([-w - 0.12j, -0.15j, w - 0.12j, 0.4 * w, 0.03j, -0.4 * w], 5)
    snout.blob(nose, animal.nose_colour, shade=0.3)
    for side in _SIDES:
        snout.line([0.02j, 0.1j, side * 0.1 + 0.18j, side * 0.22 + 0.14j], _DARK, 0.03)
    if animal.tongue:
        snout.blob(oval(0.2j, 0.07, 0.09), _TONGUE, shade=0.2)
    pale: Colour = (250, 250, 248) if sum(animal.base) < 560 else (120, 112, 108)
    for side in _SIDES:
        for lift in (-0.18, 0.02, 0.2):
            root = side * 0.24 + (0.06 + 0.25 * lift) * 1j
            reach = pen.rng.uniform(0.75, 1.1)
            snout.line(
                [
                    root,
                    root + side * 0.5 * reach + 0.5j * lift,
                    root + side * reach + 1j * lift + 0.08j,
                ],
                pale,
                0.018,
            )


def _dog_eyes(pen: Pen, animal: Animal) -> None:
    radius = pen.rng.uniform(0.13, 0.17)
    brow = animal.pattern == "points" or pen.rng.random() < 0.15
    for side in _SIDES:
        centre = side * 0.38 * animal.width + 0.26 * animal.yaw - 0.14j
        if animal.asleep:
            _closed_eye(pen, centre, 0.18)
            continue
        pen.fill(oval(centre, 1.35 * radius, 1.15 * radius, side * 0.25), _DARK)
        pen.blob(oval(centre, 1.05 * radius, radius), animal.eye, shade=0.5)
        pen.fill(oval(centre, 0.6 * radius, 0.6 * radius, n=16), (14, 10, 10))
        pen.fill(oval(centre + 0.05 - 0.06j, 0.045, 0.045, n=10), (255, 255, 255))
        if brow:
            pen.blob(
                oval(centre - 0.26j, 0.13, 0.09, side * 0.4),
                mix(animal.muzzle_colour, (214, 150, 84), 0.5),
                shade=0.2,
            )


def _dog_muzzle(pen: Pen, animal: Animal) -> None:
    long, aside = animal.muzzle, animal.yaw
    tip = aside * (0.35 + 0.75 * long) + 1j * (0.46 + 0.14 * long * (1 - abs(aside)))
    if animal.tongue:
        hang = pen.rng.uniform(0.5, 0.8)
        mouth = tip * 0.92 + 0.2j
        pen.blob(oval(mouth + 0.04j, 0.27, 0.22), (110, 44, 50), shade=0.3)
        pen.blob(
            stroke([mouth, mouth + 0.5j * hang, mouth + 1j * hang], 0.17, 0.14), _TONGUE, shade=0.35
        )
        pen.line([mouth + 0.1j, mouth + 0.8j * hang], (186, 78, 92), 0.03)
    bridge = stroke([aside * 0.15 - 0.05j, (aside * 0.2 + 0.1j + tip) / 2, tip], 0.26, 0.36)
    pen.blob(bridge, animal.muzzle_colour, shade=0.42, fluff=0.5 * animal.fluff)
    snout = pen.at(tip)
    for side in _SIDES:
        snout.blob(oval(side * 0.19 + 0.12j, 0.26, 0.24), animal.muzzle_colour, shade=0.32)
        snout.line([-0.05j, 0.2j, side * 0.18 + 0.32j, side * 0.4 + 0.24j], _DARK, 0.04)
    w = animal.nose
    nose = pen.at(tip + 0.1 * aside - 0.16j)
    nose.blob(
        smooth(
            [
                -w - 0.3j * w,
                -0.75j * w,
                w - 0.3j * w,
                0.75 * w + 0.45j * w,
                0.8j * w,
                -0.75 * w + 0.45j * w,
            ],
            6,
        ),
        animal.nose_colour,
        shade=0.3,
    )
    nose.fill(
        oval(-0.3 * w - 0.4j * w, 0.25 * w, 0.12 * w, n=12),
        mix(animal.nose_colour, (255, 255, 255), 0.55),
    )
    for side in _SIDES:
        nose.fill(oval(side * 0.42 * w + 0.2j * w, 0.17 * w, 0.13 * w, n=12), (10, 8, 10))
