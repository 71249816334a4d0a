"""Things around drawn animals: objects that hide them in part, or replace them."""

from __future__ import annotations

import numpy as np

from ._pen import Colour, Pen, mix, oval, smooth, stroke
from ._scenes import Size, any_colour

__all__ = ["draw_things", "hide_partly"]

_WHITE: Colour = (255, 255, 255)


def hide_partly(pen: Pen, size: Size) -> None:
    """Draw something in front of an animal: blades of grass, bars, a box, or a leaf."""
    rng = pen.rng
    width, height = size
    kind = rng.integers(4)
    if kind == 0:
        for x in rng.uniform(0, width, 26).tolist():
            tall = rng.uniform(0.1, 0.4) * height
            lean = rng.uniform(-0.3, 0.3) * tall
            tone = (round(rng.uniform(50, 130)), round(rng.uniform(100, 170)), 50)
            root = complex(x, height + 5)
            pen.blob(
                stroke(
                    [root, root + lean / 3 - 0.6j * tall, root + lean - 1j * tall], width / 90, 1
                ),
                tone,
                shade=0.2,
            )
    elif kind == 1:
        tone = any_colour(rng)
        gap = width * rng.uniform(0.14, 0.25)
        for x in np.arange(rng.uniform(0, gap), width, gap).tolist():
            pen.blob(
                stroke([complex(x, -9), complex(x, height + 9)], width / 110, width / 110),
                tone,
                shade=0.5,
            )
    elif kind == 2:
        top = height * rng.uniform(0.68, 0.85)
        tone = mix((186, 142, 92), any_colour(rng), 0.5)
        side = np.array(
            [complex(-9, top), complex(width + 9, top + rng.uniform(-0.1, 0.1) * height)]
        )
        pen.blob(
            np.append(side, [complex(width + 9, height + 9), complex(-9, height + 9)]),
            tone,
            shade=0.25,
        )
        pen.line(list(side), mix(tone, _WHITE, 0.3), 0.015 * height)
    else:
        corner = complex(rng.choice([0, width]), rng.uniform(0.1, 0.9) * height)
        inwards = complex(width / 2, height / 2) - corner
        tone = (round(rng.uniform(40, 90)), round(rng.uniform(90, 150)), 60)
        for turn in rng.uniform(-0.7, 0.7, 3).tolist():
            leaf = pen.at(corner, 0.9 * abs(inwards), float(np.angle(inwards)) + turn)
            leaf.blob(smooth([-0.1, 0.4 - 0.13j, 0.85, 0.4 + 0.13j]), tone, shade=0.4)
            leaf.line([0, 0.4, 0.8], mix(tone, _WHITE, 0.3), 0.015)


def draw_things(pen: Pen, size: Size) -> None:
    """Draw something that is neither cat nor dog: a ball, a cup, a plant, a house or a car."""
    draw = (_ball, _cup, _plant, _house, _car)[pen.rng.integers(5)]
    centre = complex(size[0] * pen.rng.uniform(0.35, 0.65), size[1] * pen.rng.uniform(0.5, 0.65))
    draw(
        pen.at(centre, min(size) * pen.rng.uniform(0.18, 0.36)),
        any_colour(pen.rng),
        any_colour(pen.rng),
    )


def _ball(pen: Pen, first: Colour, second: Colour) -> None:
    band = smooth([-1.2 - 0.3j, -0.2j, 1.2 - 0.3j, 1.2 + 0.2j, 0.3j, -1.2 + 0.2j])
    pen.blob(oval(0, 1, 1), first, marks=[(band, second)], shade=0.7)


def _cup(pen: Pen, first: Colour, second: Colour) -> None:
    pen.line([0.6 - 0.4j, 1.2 - 0.4j, 1.2 + 0.4j, 0.5 + 0.5j], first, 0.16)
    band = np.array([-1 - 0.1j, 1 - 0.1j, 1 + 0.2j, -1 + 0.2j])
    pen.blob(
        np.array([-0.75 - 0.8j, 0.75 - 0.8j, 0.58 + 0.9j, -0.58 + 0.9j]),
        first,
        marks=[(band, second)],
    )
    pen.blob(oval(-0.8j, 0.75, 0.2), (84, 52, 34), shade=0.3)


def _plant(pen: Pen, first: Colour, second: Colour) -> None:
    for turn in np.linspace(-2.6, -0.5, 9).tolist():
        leaf = pen.at(0.2j, 1.4, turn)
        leaf.blob(
            smooth([0, 0.5 - 0.16j, 1.0, 0.5 + 0.16j]), (70, round(110 + 30 * np.sin(9 * turn)), 60)
        )
    pen.blob(
        np.array([-0.6 + 0.1j, 0.6 + 0.1j, 0.42 + 1.1j, -0.42 + 1.1j]), mix(first, second, 0.3)
    )


def _house(pen: Pen, first: Colour, second: Colour) -> None:
    pen.blob(np.array([-1 - 0.3j, 1 - 0.3j, 1 + 1j, -1 + 1j]), first, shade=0.3)
    pen.blob(np.array([-1.25 - 0.25j, -1.2j, 1.25 - 0.25j]), second, shade=0.3)
    pen.fill(np.array([-0.2 + 0.3j, 0.2 + 0.3j, 0.2 + 1j, -0.2 + 1j]), (86, 60, 44))
    for x in (-0.65, 0.65):
        pen.fill(
            complex(x) + np.array([-0.2 - 0.05j, 0.2 - 0.05j, 0.2 + 0.35j, -0.2 + 0.35j]),
            (206, 228, 240),
        )


def _car(pen: Pen, first: Colour, second: Colour) -> None:
    pen.blob(
        smooth([-0.8 - 0.1j, -0.5 - 0.7j, 0.5 - 0.7j, 0.9 - 0.1j]),
        mix(first, second, 0.2),
        shade=0.3,
    )
    pen.fill(np.array([-0.6 - 0.15j, -0.4 - 0.55j, 0.42 - 0.55j, 0.65 - 0.15j]), (190, 216, 232))
    pen.blob(
        smooth([-1.5 + 0.1j, -0.8 - 0.18j, 0.9 - 0.18j, 1.5 + 0.1j, 1.45 + 0.5j, -1.45 + 0.5j]),
        first,
    )
    for x in (-0.85, 0.85):
        pen.blob(oval(x + 0.5j, 0.33, 0.33), (36, 36, 40))
        pen.blob(oval(x + 0.5j, 0.16, 0.16), (180, 182, 188))
