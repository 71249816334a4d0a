"""Maps by covering places of the photo, of any graph: what the answer loses without a place.

After Zeiler and Fergus 2014 (arXiv:1311.2901). It asks nothing of the graph but answers, so it is
there where no map can be read out of it, and it costs as many answers as there are places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._session import open_session

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats32 = npt.NDArray[np.float32]

__all__ = ["OCCLUDED", "Occluder"]

OCCLUDED = 8
"""Cells of a side of a map by occlusion; each is an answer."""

_REACH = 0.5  # cells that a cover reaches beyond its own on every side
_BATCH = 8


class Occluder:
    """One backbone of a graph, opened at its input, where photos are resized and normalised.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph of a model.
    features : str
        Name of the backbone's features, ``backbone0/...``.
    """

    def __init__(self, graph: onnx.ModelProto, features: str) -> None:
        self.input = f"{features.partition('/')[0]}/input"
        self._features = features
        self._session = open_session(_cut(graph, self.input, features), [features])

    def losses(self, pixels: Floats32, score: Callable[[Floats32], float]) -> Floats32:
        """Compute what a score of the features loses when each place is covered.

        A place gets the mean colour of the photo.

        Parameters
        ----------
        pixels : ndarray of float32, shape (1, 3, S, S)
            The backbone's input.
        score : callable
            From features float32 (D,) to a number.

        Returns
        -------
        ndarray of float32, shape (OCCLUDED, OCCLUDED)
            For each cell, in the units of the score, as if the whole photo were lost.
        """
        squares = covers(pixels.shape[-1])
        mean = pixels.mean((0, 2, 3))[:, None, None]
        scores = [score(self._answers(pixels)[0])]
        for start in range(0, len(squares), _BATCH):
            part = squares[start : start + _BATCH]
            covered = np.repeat(pixels, len(part), axis=0)
            for one, (rows, columns) in zip(covered, part, strict=True):
                one[:, rows, columns] = mean
            scores += [score(features) for features in self._answers(covered)]
        covered_sides = (1 + 2 * _REACH) / OCCLUDED  # of the photo's; at its rim a little less
        lost = (scores[0] - np.array(scores[1:])) / covered_sides**2
        return np.asarray(lost.reshape(OCCLUDED, OCCLUDED), np.float32)

    def _answers(self, pixels: Floats32) -> Floats32:
        (features,) = self._session.run([self._features], {self.input: pixels})
        return np.asarray(features)


def covers(side: int) -> list[tuple[slice, slice]]:
    """Return the squares that are covered, row by row; neighbours overlap."""
    edges = np.arange(OCCLUDED + 1) * side / OCCLUDED
    reach = _REACH * side / OCCLUDED
    spans = [
        slice(round(max(low - reach, 0)), round(min(high + reach, side)))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    return [(rows, columns) for rows in spans for columns in spans]


def _cut(graph: onnx.ModelProto, start: str, end: str) -> onnx.ModelProto:
    """Cut a backbone out of a graph, from its input to its features."""
    import onnx
    from onnx import TensorProto, helper

    producers: dict[str, Any] = {name: node for node in graph.graph.node for name in node.output}
    wanted, found = [end], set[int]()
    while wanted:
        name = wanted.pop()
        node = producers.get(name) if name != start else None
        if node is not None and id(node) not in found:
            found.add(id(node))
            wanted += node.input
    kept = [node for node in graph.graph.node if id(producers[node.output[0]]) in found]
    used = {name for node in kept for name in node.input}
    part = onnx.ModelProto(ir_version=graph.ir_version, opset_import=graph.opset_import)
    part.graph.name = "backbone"
    part.graph.node.extend(kept)
    part.graph.initializer.extend(one for one in graph.graph.initializer if one.name in used)
    shape = ["N", 3, None, None]
    part.graph.input.append(helper.make_tensor_value_info(start, TensorProto.FLOAT, shape))
    part.graph.output.append(helper.make_tensor_value_info(end, TensorProto.FLOAT, ["N", None]))
    return part
