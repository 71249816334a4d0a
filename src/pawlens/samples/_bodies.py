"""Whole drawn animals: a face only, sitting, standing, lying, curled up.

Every pose is drawn in head radii with the head's centre at 0; `POSES` gives the box that it
fills, so that the picture can be composed before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ._coats import Animal, body_marks
from ._faces import draw_collar, draw_head
from ._pen import Colour, Pen, Points, mix, oval, smooth, stroke

__all__ = ["POSES", "Pose"]

_NIGHT: Colour = (20, 16, 18)


def _far(colour: Colour) -> Colour:
    return mix(colour, _NIGHT, 0.28)


def _body(pen: Pen, animal: Animal, outline: Points) -> None:
    pen.blob(outline, animal.base, marks=body_marks(animal, outline, pen.rng), fluff=animal.fluff)


def _paw_colour(animal: Animal) -> Colour:
    return animal.second if animal.pattern in ("points", "bicolour") else animal.base


def _leg(
    pen: Pen, animal: Animal, knots: list[complex], width: float, *, far: bool = False
) -> None:
    shade = _far if far else (lambda colour: colour)
    pen.blob(stroke(knots, width, 0.72 * width), shade(animal.base), fluff=0.5 * animal.fluff)
    paw = oval(knots[-1] - 0.08, 0.95 * width + 0.06, 0.62 * width + 0.04)
    pen.blob(paw, shade(_paw_colour(animal)), shade=0.4)


def _tail(pen: Pen, animal: Animal, knots: list[complex], width: float) -> None:
    tip = animal.second if animal.pattern in ("points", "tabby", "bicolour") else animal.base
    end = width * (0.75 if animal.kind == "cat" else 0.45)
    pen.blob(stroke(knots, width, end), mix(animal.base, tip, 0.4), fluff=1.5 * animal.fluff)
    pen.blob(stroke(knots[-2:], 0.5 * (width + end), end), tip, fluff=1.5 * animal.fluff)


def _face(pen: Pen, animal: Animal) -> None:
    chest = smooth([-0.7 + 0.5j, 0.7 + 0.5j, 1.2 + 1.3j, 1.5 + 2.4j, -1.5 + 2.4j, -1.2 + 1.3j])
    _body(pen, animal, chest)
    draw_collar(pen, animal)
    draw_head(pen, animal)


def _sitting(pen: Pen, animal: Animal) -> None:
    cat = animal.kind == "cat"
    pen.shadow(0.2 + 3.75j, 1.9)
    if cat:
        _tail(pen, animal, [0.9 + 3.5j, 1.7 + 3.55j, 2.05 + 2.9j, 1.75 + 2.3j, 2.0 + 1.8j], 0.17)
    else:
        _tail(pen, animal, [0.8 + 3.3j, 1.5 + 3.3j, 1.95 + 2.7j], 0.2)
    broad = 1.15 if cat else 1.0
    for side in (-1, 1):
        haunch = oval(side * broad * 0.85 + 3.05j, 0.55, 0.68, side * 0.3)
        pen.blob(haunch, animal.base, fluff=animal.fluff)
        pen.blob(oval(side * broad * 0.98 + 3.68j, 0.38, 0.18), _paw_colour(animal), shade=0.4)
    _body(
        pen,
        animal,
        smooth(
            [
                0.3j,
                0.62 + 0.8j,
                0.82 + 1.6j,
                broad + 2.7j,
                0.7 + 3.5j,
                -0.7 + 3.5j,
                -broad + 2.7j,
                -0.82 + 1.6j,
                -0.62 + 0.8j,
            ]
        ),
    )
    for side in (-1, 1):
        _leg(pen, animal, [side * 0.4 + 1.9j, side * 0.38 + 2.8j, side * 0.4 + 3.68j], 0.27)
    draw_collar(pen, animal)
    draw_head(pen, animal)


def _standing(pen: Pen, animal: Animal) -> None:
    cat = animal.kind == "cat"
    floor = 3.5 if cat else 3.9
    pen.shadow(complex(2.6, floor), 2.6)
    thick = 0.24 if cat else 0.26
    back = 1.25 if cat else 1.1
    step = pen.rng.uniform(-0.35, 0.35, 4)
    hips = [(4.25, 1), (1.55, 1), (3.85, 0), (1.05, 0)]
    if cat:
        lift = pen.rng.uniform(-1.6, 0.4)
        _tail(
            pen,
            animal,
            [
                4.3 + back * 1j,
                5.1 + 1.0j,
                5.5 + (0.6 + 0.5 * lift) * 1j,
                5.3 + (0.1 + lift) * 1j,
                5.7 + (lift - 0.2) * 1j,
            ],
            0.17,
        )
    else:
        lift = pen.rng.uniform(-0.4, 1.6)
        _tail(
            pen,
            animal,
            [4.3 + back * 1j, 4.9 + (0.8 + 0.5 * lift) * 1j, 5.3 + (0.2 + lift) * 1j],
            0.2,
        )
    for (x, far), move in zip(hips[:2], step[:2], strict=True):
        _leg(
            pen, animal, [x + 2j, x + move / 2 + 2.8j, x + move + floor * 1j], thick, far=bool(far)
        )
    belly = 2.45 if cat else 2.05
    torso = [
        0.5 + 0.9j,
        1.3 + 0.75j,
        2.8 + (back - 0.2) * 1j,
        4.1 + (back - 0.25) * 1j,
        4.7 + 1.7j,
        4.3 + 2.35j,
        3.2 + belly * 1j,
        1.6 + 2.5j,
        0.7 + 2.1j,
    ]
    _body(pen, animal, smooth(torso))
    pen.blob(oval(4.05 + 1.9j, 0.6, 0.72), animal.base, shade=0.25, fluff=animal.fluff)
    for (x, _), move in zip(hips[2:], step[2:], strict=True):
        _leg(pen, animal, [x + 1.9j, x + move / 2 + 2.8j, x + move + floor * 1j], thick + 0.03)
    neck = stroke([0.1 + 0.2j, 0.6 + 0.9j, 1.2 + 1.5j], 0.62, 0.75)
    pen.blob(neck, animal.base, shade=0.4, fluff=animal.fluff)
    aside = replace(animal, yaw=-abs(animal.yaw) - 0.15)
    draw_collar(pen.at(0.15, 1.0, -0.35), aside)
    draw_head(pen, aside)


def _lying(pen: Pen, animal: Animal) -> None:
    cat = animal.kind == "cat"
    pen.shadow(1.8 + 2.4j, 2.9)
    tail = (
        [3.9 + 1.9j, 4.7 + 2.0j, 4.9 + 1.4j]
        if not cat
        else [3.9 + 1.9j, 4.6 + 2.1j, 4.4 + 2.5j, 3.2 + 2.45j]
    )
    if not cat:
        _tail(pen, animal, tail, 0.2)
    _body(
        pen,
        animal,
        smooth(
            [
                0.1 + 0.4j,
                1.2 + 0.45j,
                2.7 + 0.6j,
                3.9 + 1.1j,
                4.1 + 2.0j,
                3.2 + 2.35j,
                1.2 + 2.4j,
                -0.4 + 2.2j,
                -0.6 + 1.3j,
            ]
        ),
    )
    pen.blob(oval(3.2 + 1.7j, 0.85, 0.68, -0.3), animal.base, shade=0.35, fluff=animal.fluff)
    pen.blob(oval(2.6 + 2.28j, 0.55, 0.2), _paw_colour(animal), shade=0.4)
    if cat:
        _tail(pen, animal, tail, 0.17)
    reach = pen.rng.uniform(0.2, 1.0)
    for start, far in ((0.35, True), (-0.25, False)):
        _leg(
            pen,
            animal,
            [start + 1.7j, start - 0.3 + 2.2j, start - 0.4 - reach + 2.3j],
            0.25,
            far=far,
        )
    draw_collar(pen, animal)
    draw_head(pen, animal)


def _curled(pen: Pen, animal: Animal) -> None:
    pen.shadow(1.2 + 1.4j, 2.3)
    _body(
        pen,
        animal,
        smooth(
            [-0.6 - 0.6j, 0.8 - 1.2j, 2.4 - 0.9j, 3.2 + 0.2j, 2.6 + 1.2j, 1.0 + 1.5j, -0.5 + 1.2j]
        ),
    )
    pen.blob(oval(2.2 + 0.3j, 0.95, 0.8, 0.4), animal.base, fluff=animal.fluff)
    draw_head(pen.at(0.1j, 0.95, 0.3), animal)
    _tail(pen, animal, [3.0 + 0.6j, 2.6 + 1.4j, 1.4 + 1.6j, 0.5 + 1.35j], 0.22)
    pen.blob(oval(1.0 + 1.25j, 0.42, 0.22, -0.1), _paw_colour(animal), shade=0.4)


class Pose(NamedTuple):
    """A pose: the function that draws it, and the box (left, top, right, bottom) that it fills."""

    draw: Callable[[Pen, Animal], None]
    box: tuple[float, float, float, float]


POSES: dict[str, Pose] = {
    "face": Pose(_face, (-1.35, -1.5, 1.35, 1.5)),
    "sitting": Pose(_sitting, (-1.4, -1.5, 2.1, 3.9)),
    "standing": Pose(_standing, (-1.4, -1.5, 5.7, 4.0)),
    "lying": Pose(_lying, (-1.7, -1.5, 4.9, 2.6)),
    "curled": Pose(_curled, (-1.3, -1.5, 3.3, 1.9)),
}
