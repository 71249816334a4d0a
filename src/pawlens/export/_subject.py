"""Where a photo's features come from: a map that any graph can give, and the part it points at.

A pooled feature is the mean of a channel over the cells of a grid. The product of a cell's channels
with the pooled features says how much of them comes from there, so one output more in a copy of
the graph is a map. It needs neither the head nor a class: unlike a class activation map (Zhou et
al. 2016, arXiv:1512.04150) it points at the subject even where the class is mistaken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..backbones import feature_names, find_pooling
from ..errors import UsageError
from ..heads import SMALLEST_NORM
from ..photos import Window
from ._resize import Nodes

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats = npt.NDArray[np.floating]

__all__ = ["CELLS", "find_window", "mapped_graph"]

_GRID = 16  # cells of a side of the map, to which the grids of all backbones are brought
CELLS = _GRID * _GRID

_HOT = 0.5  # of the way from the least to the greatest value
_MARGIN = 0.2  # of the hot part's longer side, on both sides together
_SMALL = 0.7  # of a side: a larger part is as good as the photo
_LEAST = 0.2  # of a side: a smaller part would be enlarged to a blur


def mapped_graph(graph: bytes) -> bytes:
    """Extend a graph's answer float32 (N, D) by the map: (N, D + CELLS).

    Parameters
    ----------
    graph : bytes
        What `batched_graph` gives, or a backbone's graph as it is. The maps of several backbones
        are added up, each having the same mean.

    Raises
    ------
    UsageError
        The features are not the mean over a grid (a vision transformer's).
    """
    import onnx
    from onnx import helper

    model = onnx.load_from_string(graph)
    body = model.graph
    answer = body.output[0].name
    nodes = Nodes("subject")
    maps = [_map(nodes, _before_pooling(body, name), name) for name in feature_names(body)]
    flat = nodes.add("Flatten", [nodes.add("Sum", maps)], axis=1)
    output = nodes.add("Concat", [answer, flat], axis=1)
    body.node.extend(nodes.nodes)
    body.initializer.extend(nodes.constants)
    del body.output[:], body.value_info[:]
    body.output.append(helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, ["N", None]))
    return bytes(model.SerializeToString())


def find_window(values: Floats) -> Window | None:
    """Find the part that a map (CELLS,) points at; None where it is most of the photo or flat.

    The window has the photo's proportions, as a photo is squashed whole.
    """
    grid = np.asarray(values, np.float64).reshape(_GRID, _GRID)
    low, high = grid.min(), grid.max()
    if not high > low:
        return None
    hot = grid >= low + _HOT * (high - low)
    (top, bottom), (left, right) = (_ends(hot.any(axis=axis)) for axis in (1, 0))
    side = max(max(bottom - top, right - left) * (1 + _MARGIN), _LEAST)
    if side > _SMALL:
        return None
    x, y = (
        min(max((near + far - side) / 2, 0.0), 1 - side)
        for near, far in ((left, right), (top, bottom))
    )
    return x, y, x + side, y + side


def _ends(hot: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return where the hot cells begin and end, as shares of the side."""
    hot_cells = np.flatnonzero(hot)
    return int(hot_cells[0]) / _GRID, (int(hot_cells[-1]) + 1) / _GRID


def _before_pooling(graph: onnx.GraphProto, features: str) -> str:
    """Return the name of the tensor that is pooled to the features, float32 (N, C, H, W)."""
    pooling = find_pooling(graph, features)
    if pooling is not None and pooling.plane == (2, 3):
        return pooling.cells
    raise UsageError(
        f"{features}: these features are no mean over a grid, so nothing tells where in the photo "
        "they come from; leave out the view subject"
    )


def _map(nodes: Nodes, cells: str, features: str) -> str:
    """Compute each cell's part in the features, float32 (N, 1, _GRID, _GRID), with a mean of 1."""
    axis = nodes.integers(1)
    plane = nodes.integers(2, 3)
    square = nodes.add("ReduceSum", [nodes.add("Mul", [features, features]), axis], keepdims=1)
    square = nodes.add("Max", [square, nodes.scalar(SMALLEST_NORM)])
    product = nodes.add("Mul", [cells, nodes.add("Unsqueeze", [features, plane])])
    part = nodes.add("ReduceSum", [product, axis], keepdims=1)
    part = nodes.add("Div", [part, nodes.add("Unsqueeze", [square, plane])])
    shape = nodes.add("Shape", [part])
    batch = nodes.add("Slice", [shape, nodes.integers(0), nodes.integers(1)])
    size = nodes.add("Concat", [batch, nodes.integers(1, _GRID, _GRID)], axis=0)
    return nodes.add("Resize", [part, "", "", size], mode="linear")
