"""The border rule of `pawlens.photos.find_border` as nodes of a graph.

All of it is in 32-bit whole numbers, which no runtime rounds, whatever precision it computes a
network in: the box is that of the Python path, exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..photos import BorderRule
from ._resize import Nodes

__all__ = ["box_nodes", "trim_nodes"]

_INT32, _INT64 = 6, 7


class _Axis(NamedTuple):
    """The axis of rows or of columns: where it is counted, its number of lines, their length."""

    number: int
    rows: str
    length: str


def trim_nodes(nodes: Nodes, image: str, rule: BorderRule) -> str:
    """Cut the border off uint8 (H, W, 3), and return the name of the picture that remains."""
    left, top, right, bottom = (_vector(nodes, side) for side in box_nodes(nodes, image, rule))
    starts = nodes.add("Concat", [top, left], axis=0)
    ends = nodes.add("Concat", [bottom, right], axis=0)
    return nodes.add("Slice", [image, starts, ends, nodes.integers(0, 1)])


def box_nodes(nodes: Nodes, image: str, rule: BorderRule) -> list[str]:
    """Return the names of left, top, right and bottom of the picture, int32 scalars."""
    pixels = nodes.add("Cast", [image], to=_INT32)
    shape = nodes.add("Cast", [nodes.add("Shape", [image])], to=_INT32)
    height, width = (
        nodes.add("Gather", [shape, nodes.constant(f"side{i}", np.array(i))], axis=0)
        for i in (0, 1)
    )
    down, across = _Axis(0, height, width), _Axis(1, width, height)
    near, far = {}, {}
    enough = []
    for axis in (across, down):
        near[axis], behind = _depths(nodes, pixels, axis, rule)
        far[axis] = nodes.add("Sub", [axis.rows, behind])
        remains = nodes.add("Sub", [far[axis], near[axis]])
        share = nodes.add("Mul", [remains, _int32(nodes, rule.remains)])
        enough.append(nodes.add("GreaterOrEqual", [share, axis.rows]))
    sensible = nodes.add("And", enough)
    zero = _int32(nodes, 0)
    return [
        nodes.add("Where", [sensible, near[across], zero]),
        nodes.add("Where", [sensible, near[down], zero]),
        nodes.add("Where", [sensible, far[across], width]),
        nodes.add("Where", [sensible, far[down], height]),
    ]


def _depths(nodes: Nodes, pixels: str, axis: _Axis, rule: BorderRule) -> tuple[str, str]:
    """Count the rows that are border from the first, and from the last."""
    scaled = nodes.add("Mul", [pixels, axis.length])
    zero, one = _int32(nodes, 0), _int32(nodes, 1)
    forwards = nodes.add("Range", [zero, axis.rows, one])
    last = nodes.add("Sub", [axis.rows, one])
    backwards = nodes.add("Sub", [last, forwards])
    first_row = (nodes.integers(0), nodes.integers(1))
    last_row = (nodes.integers(-1), nodes.integers(2**31 - 1))
    return (
        _depth(nodes, pixels, scaled, axis, first_row, forwards, rule),
        _depth(nodes, pixels, scaled, axis, last_row, backwards, rule),
    )


def _depth(
    nodes: Nodes,
    pixels: str,
    scaled: str,
    axis: _Axis,
    outermost: tuple[str, str],
    order: str,
    rule: BorderRule,
) -> str:
    row = nodes.add("Slice", [pixels, *outermost, nodes.integers(axis.number)])
    colour = nodes.add("ReduceSum", [row, nodes.integers(1 - axis.number)], keepdims=1)
    distance = nodes.add("Abs", [nodes.add("Sub", [scaled, colour])])
    distance = nodes.add("ReduceMax", [distance, nodes.integers(2)], keepdims=0)

    def away(tolerance: int) -> str:
        limit = nodes.add("Mul", [axis.length, _int32(nodes, tolerance)])
        beyond = nodes.add("Cast", [nodes.add("Greater", [distance, limit])], to=_INT32)
        return nodes.add("ReduceSum", [beyond, nodes.integers(1 - axis.number)], keepdims=0)

    def first(kind: str, counts: str, share: int) -> str:
        """Find the first row with so many pixels, or the number of rows where none has."""
        such = nodes.add(kind, [nodes.add("Mul", [counts, _int32(nodes, share)]), axis.length])
        place = nodes.add("Where", [such, order, axis.rows])
        return nodes.add("ReduceMin", [place, nodes.integers(0)], keepdims=0)

    clearly = away(rule.clearly)
    end = first("Greater", away(rule.near), rule.few)
    begin = first("Greater", clearly, rule.few)
    edge = first("GreaterOrEqual", clearly, rule.many)
    smeared = nodes.add("Sub", [edge, end])
    sharp = nodes.add("LessOrEqual", [smeared, _int32(nodes, rule.smeared)])
    begins_plain = nodes.add("Greater", [end, _int32(nodes, 0)])
    enough = nodes.add("Mul", [begin, _int32(nodes, rule.large)])
    large = nodes.add("GreaterOrEqual", [enough, axis.rows])
    holds = nodes.add("And", [nodes.add("And", [sharp, begins_plain]), large])
    return nodes.add("Where", [holds, begin, _int32(nodes, 0)])


def _int32(nodes: Nodes, value: int) -> str:
    return nodes.constant(f"int32_{value}", np.array(value, np.int32))


def _vector(nodes: Nodes, scalar: str) -> str:
    wide = nodes.add("Cast", [scalar], to=_INT64)
    return nodes.add("Unsqueeze", [wide, nodes.integers(0)])
