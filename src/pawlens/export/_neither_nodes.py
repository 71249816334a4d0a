"""The score of *neither* inside the graph, computed from the features that its head reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..trust import NeitherScore
from ._resize import Nodes

if TYPE_CHECKING:
    import onnx

__all__ = ["NEITHER_OUTPUT", "SCORES", "has_score", "joint_score", "neither_nodes", "one_score"]

NEITHER_OUTPUT = "neither"
"""The name of the graph's output, float32 (1,)."""

SCORES = "neither/scores"
"""The tensor behind it, float32 (N, 1)."""


def has_score(graph: onnx.GraphProto) -> bool:
    """Return whether a graph computes the score."""
    return any(SCORES in node.output for node in graph.node)


def neither_nodes(score: NeitherScore, units: list[str], logits: str) -> Nodes:
    """Compute the scores (N, 1) as `NeitherScore` does, and the output for one photo.

    Parameters
    ----------
    score : NeitherScore
    units : list of str
        Names of the features of each backbone, float32 (N, D), of unit length.
    logits : str
        Name of the calibrated logits, float32 (N, K).
    """
    nodes = Nodes("neither")
    axis = nodes.integers(1)
    joined = units[0] if len(units) == 1 else nodes.add("Concat", units, axis=1)
    centred = nodes.add("Sub", [joined, nodes.constant("mean", score.mean)])
    along = nodes.add("MatMul", [centred, nodes.constant("directions", score.directions)])
    left, inside = (
        nodes.add("ReduceSum", [nodes.add("Mul", [part, part]), axis], keepdims=1)
        for part in (centred, along)
    )
    square = nodes.add("Max", [nodes.add("Sub", [left, inside]), nodes.scalar(0)])
    total = _scaled(nodes, nodes.add("Sqrt", [square]), score.residual, "residual")
    if np.isfinite(score.energy[1]):
        speaks = nodes.add("ReduceLogSumExp", [logits, axis], keepdims=1)
        energy = nodes.add("Neg", [speaks])
        total = nodes.add("Add", [total, _scaled(nodes, energy, score.energy, "energy")])
    if score.weights is not None:
        weights = nodes.constant("weights", score.weights[:, None])
        offset = nodes.constant("offset", np.array(score.offset, np.float32))
        learnt = nodes.add("Add", [nodes.add("MatMul", [centred, weights]), offset])
        total = nodes.add("Max", [total, learnt])
    threshold = nodes.constant("threshold", np.array(score.threshold, np.float32))
    nodes.add("Sigmoid", [nodes.add("Sub", [total, threshold])], output=SCORES)
    return nodes


def joint_score(odds: list[str], shift: float) -> Nodes:
    """Compute the scores (N, 1) of several models together, and the output for one photo.

    Parameters
    ----------
    odds : list of str
        Names of their log odds, float32 (N, 1).
    shift : float
        See `joint_shift`.
    """
    nodes = Nodes("neither/joint")
    least = nodes.constant("shift", np.array(shift, np.float32))
    beyond = nodes.add("Sub", [nodes.add("Mean", odds), least])
    nodes.add("Sigmoid", [beyond], output=SCORES)
    one_score(nodes)
    return nodes


def one_score(nodes: Nodes) -> None:
    """Add the last node, from scores (1, 1) to the graph's output (1,)."""
    nodes.add("Reshape", [SCORES, nodes.integers(1)], output=NEITHER_OUTPUT, name="neither/one")


def _scaled(nodes: Nodes, value: str, units: tuple[float, float], name: str) -> str:
    middle, unit = (
        nodes.constant(f"{name}_{part}", np.array(number, np.float32))
        for part, number in zip(("middle", "unit"), units, strict=True)
    )
    return nodes.add("Div", [nodes.add("Sub", [value, middle]), unit])
