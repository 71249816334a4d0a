"""Where a photo's features come from: a map that any graph can give, and the part it points at.

A pooled feature is the mean of a channel over the cells of a grid. The product of a cell's channels
with the pooled features says how much of them comes from there, so one output more in a copy of
the graph is a map. It needs neither the head nor a class: unlike a class activation map (Zhou et
al. 2016, arXiv:1512.04150) it points at the subject even where the class is mistaken. Of a class
token it is what the last attention gives it, token by token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Gathering, feature_names, gatherings_of
from ..errors import UsageError
from ..heads import SMALLEST_NORM
from ..photos import Window
from ._resize import Nodes

if TYPE_CHECKING:
    import numpy.typing as npt

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
        are added up, each having the same mean; a backbone that has none adds nothing.

    Raises
    ------
    UsageError
        No features can be followed back to places of the photo.
    """
    import onnx
    from onnx import helper

    model = onnx.load_from_string(graph)
    body = model.graph
    answer, names = body.output[0].name, feature_names(body)
    nodes = Nodes("subject")
    found = [gathering for gathering in gatherings_of(model, names) if gathering is not None]
    if not found:
        raise UsageError(f"{', '.join(names)}: nothing tells where in the photo these come from")
    flat = nodes.add("Flatten", [nodes.add("Sum", [_map(nodes, one) for one in found])], axis=1)
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


def _map(nodes: Nodes, gathering: Gathering) -> str:
    """Compute each cell's part in what is gathered, float32 (N, 1, _GRID, _GRID), of mean 1."""
    parts = _of_mean if gathering.weights is None else _of_attention
    part = parts(nodes, gathering)
    height, width = gathering.grid
    if gathering.prefix:
        ends = nodes.integers(gathering.prefix), nodes.integers(gathering.prefix + height * width)
        part = nodes.add("Slice", [part, *ends, nodes.integers(1)])
    part = nodes.add("Reshape", [part, nodes.integers(-1, 1, height, width)])
    sizes = part if gathering.weights is None else nodes.add("Abs", [part])  # tokens may cancel
    mean = nodes.add("ReduceMean", [sizes, nodes.integers(2, 3)], keepdims=1)
    part = nodes.add("Div", [part, nodes.add("Max", [mean, nodes.scalar(SMALLEST_NORM)])])
    batch = nodes.add("Slice", [nodes.add("Shape", [part]), nodes.integers(0), nodes.integers(1)])
    size = nodes.add("Concat", [batch, nodes.integers(1, _GRID, _GRID)], axis=0)
    return nodes.add("Resize", [part, "", "", size], mode="linear")


def _of_mean(nodes: Nodes, gathering: Gathering) -> str:
    """Multiply the channels of each cell with their mean, float32 (N, tokens) or (N, h, w)."""
    axes = nodes.integers(*gathering.axes)
    mean = nodes.add("ReduceMean", [gathering.cells, axes], keepdims=1)
    channels = next(axis for axis in (1, 2, 3) if axis not in gathering.axes)
    product = nodes.add("Mul", [gathering.cells, mean])
    return nodes.add("ReduceSum", [product, nodes.integers(channels)], keepdims=0)


def _of_attention(nodes: Nodes, gathering: Gathering) -> str:
    """Multiply what each token gives to the first query with all that it gets, (N, tokens)."""
    assert gathering.weights is not None
    first = nodes.integers(0), nodes.integers(1), nodes.integers(-2)
    weights = nodes.add("Slice", [gathering.weights, *first])
    got = nodes.add("Slice", [gathering.node.output[0], *first])
    product = nodes.add("Mul", [gathering.cells, got])
    given = nodes.add("ReduceSum", [product, nodes.integers(-1)], keepdims=0)
    given = nodes.add("Mul", [given, nodes.add("Squeeze", [weights, nodes.integers(-2)])])
    heads = gathering.axes[0] - 1
    if heads:
        given = nodes.add("ReduceSum", [given, nodes.integers(*range(1, heads + 1))], keepdims=0)
    return given
