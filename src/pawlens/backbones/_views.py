"""A backbone that looks at a photo in several views, and gives the mean of their features.

The views are made inside its graph, of the square that it is given: to everything else it is a
backbone like any other, with features that are kept, exported, proven and explained as always.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ._cache import cached, graph_path, store
from ._onnx import finish, graph_input, parse_graph
from ._pooling import find_pooling
from ._spec import Backbone

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

__all__ = ["CROP", "PLACES", "with_views"]

CROP = 0.85
"""Side of a crop, as a share of the photo's."""

PLACES = ((0.5, 0.5), (0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
"""Where crops lie, down and across: in the middle and in the corners."""


def with_views(backbone: Backbone, views: Sequence[str], *, cache_dir: Path) -> Backbone:
    """Return a backbone whose features are the mean over a photo and other views of it.

    Parameters
    ----------
    backbone : Backbone
    views : sequence of str
        ``flip``, the mirror image; ``crops``, the middle and the corners, enlarged. With neither
        the backbone itself is returned.
    cache_dir : Path
        Where the graph is kept.

    Returns
    -------
    Backbone
        A graph of the same spec, which takes as many times as long as there are views.
    """
    if not views:
        return backbone
    spec = backbone.spec
    facts = [backbone.weights_hash, spec.to_json(), list(views)]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    name = "-".join([spec.name, *views])
    path = graph_path(cache_dir, name, spec.input_size, key[:12])
    if kept := cached(path, key):
        return replace(kept, weights=backbone.weights)
    model = parse_graph(backbone.path)
    _look(model, views, spec.input_size)
    made = store(finish(model, spec.input_size, spec.feature_dim), spec, path, key)
    return replace(made, weights=backbone.weights)


def _look(model: onnx.ModelProto, views: Sequence[str], size: int) -> None:
    """Put the views side by side in the batch, and join what they give."""
    graph, pixels = model.graph, graph_input(model).name
    nodes = _Nodes(model)
    looks = [pixels]
    if "flip" in views:
        looks.append(nodes.mirrored(pixels, 3))
    if "crops" in views:
        looks += [nodes.enlarged(pixels, size, place) for place in PLACES]
    batch = nodes.add("Concat", looks, axis=0)
    for node in graph.node:
        node.input[:] = [batch if name == pixels else name for name in node.input]
    before, after = nodes.taken(), nodes
    pooling = find_pooling(graph, graph.output[0].name) if tuple(views) == ("flip",) else None
    if pooling is None:
        features = graph.output[0].name
        graph.output[0].name = after.mean(after.split(features, len(looks)))
        _replace_nodes(graph, [*before, *graph.node, *after.taken()])
        return
    # Of a mean over a grid the cells are joined, each with its mirror image: the mean is the same,
    # and cells keep their places, so that maps stay exact.
    whole, mirrored = after.split(pooling.cells, 2)
    joined = after.mean([whole, after.mirrored(mirrored, pooling.plane[1])])
    at = next(i for i, node in enumerate(graph.node) if pooling.cells in node.input)
    for node in graph.node[at:]:
        node.input[:] = [joined if name == pooling.cells else name for name in node.input]
    _replace_nodes(graph, [*before, *graph.node[:at], *after.taken(), *graph.node[at:]])


class _Nodes:
    """Nodes that are added to a graph, and their constants, which it gets at once."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._opset = next(entry.version for entry in model.opset_import if not entry.domain)
        self._nodes: list[onnx.NodeProto] = []
        self._count = 0

    def taken(self) -> list[onnx.NodeProto]:
        """Return the nodes so far, and begin anew."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        return self._add(kind, inputs, 1, attributes)[0]

    def mirrored(self, name: str, axis: int) -> str:
        """Turn an axis round."""
        bounds = [self._constant(np.array([n])) for n in (-1, np.iinfo(np.int64).min, axis, -1)]
        return self.add("Slice", [name, *bounds])

    def enlarged(self, pixels: str, size: int, place: tuple[float, float]) -> str:
        """Cut a part out of squares (N, 3, S, S), and enlarge it to their size."""
        down, across = (self._constant(_enlarging(size, share)) for share in place)
        rows = self.add("MatMul", [down, pixels])
        return self.add("MatMul", [rows, self.add("Transpose", [across], perm=[1, 0])])

    def split(self, name: str, count: int) -> list[str]:
        """Take a batch of several looks apart."""
        parts = {"num_outputs": count} if self._opset >= 18 else {}
        return self._add("Split", [name], count, {"axis": 0, **parts})

    def mean(self, names: Sequence[str]) -> str:
        share = self._constant(np.array(1 / len(names), np.float32))
        return self.add("Mul", [self.add("Sum", names), share])

    def _add(
        self, kind: str, inputs: Sequence[str], count: int, attributes: dict[str, Any]
    ) -> list[str]:
        from onnx import helper

        outputs = [f"views/{self._count + number}" for number in range(count)]
        self._count += count
        self._nodes.append(helper.make_node(kind, inputs, outputs, outputs[0], **attributes))
        return outputs

    def _constant(self, value: npt.NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        name = f"views/{self._count}"
        self._count += 1
        self._graph.initializer.append(numpy_helper.from_array(value, name))
        return name


def _enlarging(size: int, place: float) -> npt.NDArray[np.float32]:
    """Weights float32 (S, S) that enlarge a part of S values to S, bicubic as Pillow does it."""
    side = round(CROP * size)
    start = round(place * (size - side))
    centre = (np.arange(size) + 0.5) * side / size - 0.5
    at = np.floor(centre).astype(np.int64)[:, None] + np.arange(-1, 3)
    distance = np.abs(at - centre[:, None])
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    weight = np.where(distance < 1, near, far) * ((at >= 0) & (at < side))
    weight /= weight.sum(axis=1, keepdims=True)
    matrix = np.zeros((size, size), np.float32)
    rows = np.arange(size)[:, None]
    np.add.at(matrix, (rows, start + np.clip(at, 0, side - 1)), weight)
    return matrix


def _replace_nodes(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    copies = list(nodes)
    del graph.node[:]
    graph.node.extend(copies)
