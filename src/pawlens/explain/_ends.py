"""The end of each backbone in a graph, from which its map is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..backbones import Gathering, Step, trace_features
from ._backwards import NotFollowed
from ._relevance import follow, values_needed
from ._session import open_session

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats32 = npt.NDArray[np.float32]
    Values = Mapping[str, npt.NDArray[Any]]
    Shapes = Mapping[str, tuple[int, ...]]
    Way = Sequence[Step | Gathering]

__all__ = ["End", "GraphMethod", "read_ends"]

GraphMethod = Literal["cam", "relevance"]

_PROBE = 32  # pixels of a side of the photo with which shapes are found


@dataclass(frozen=True)
class End:
    """What maps the features of one backbone back to the places of the photo.

    Attributes
    ----------
    method : {"cam", "relevance"}
        ``cam`` where places come together in a mean and are read there, which is exact;
        ``relevance`` where they are followed through the blocks of a transformer.
    needed : list of str
        Tensors of the graph whose values for a photo are read.
    """

    method: GraphMethod
    needed: list[str]
    steps: Way
    shapes: Shapes
    constants: Values

    def shares(self, values: Values, weights: Floats32) -> Floats32:
        """Compute what each cell gave to the weighted sum of the features, float32 (h, w).

        Grids of several sizes, as networks of several branches have them, are brought to the
        finest; each keeps its sum.
        """
        known = {**self.constants, **values}
        way = follow(self.steps, known, self.shapes, weights)
        grids = [grid for _, grid in way if grid is not None]
        height, width = max(grid.shape for grid in grids)
        return sum((_enlarged(grid, height, width) for grid in grids), np.zeros((), np.float32))


def read_ends(
    graph: onnx.ModelProto, features: Sequence[str], *, exact: bool = False
) -> list[End | None]:
    """Find the end of each backbone in a graph that takes one photo.

    Parameters
    ----------
    graph : onnx.ModelProto
        Takes one photo, uint8 (H, W, 3).
    features : sequence of str
        The names of the features of each backbone.
    exact : bool
        Whether only means are read; else tokens are followed through the blocks that mix them,
        to the patches.

    Returns
    -------
    list of End or None
        None where features cannot be followed back to places of the photo.
    """
    wide = [trace_features(graph.graph, name) for name in features]
    stored = _stored(graph, wide)
    shapes, computed = _probe(graph, wide, stored)
    ends = []
    for name, through in zip(features, wide, strict=True):
        short = trace_features(graph.graph, name, shapes)
        end = _end("cam", short if exact else through, shapes, stored, computed)
        if end is None and not exact:
            end = _end("relevance", through, shapes, stored, computed)
        ends.append(end)
    return ends


def _end(
    method: GraphMethod, way: Way, shapes: Shapes, stored: Values, computed: Values
) -> End | None:
    """Make an end of what is gone through on the way back, tried on the probe."""
    if not way or any(isinstance(one, Gathering) and shapes[one.cells][0] != 1 for one in way):
        return None  # several views of the photo, whose cells are not its places
    width = shapes[way[0].node.output[0]]
    weights = np.random.default_rng(0).normal(size=width).astype(np.float32)
    known = {**computed, **stored}
    try:
        gone = list(follow(way, known, shapes, weights))
    except NotFollowed:
        return None
    ended = [step for step, grid in gone if grid is not None]
    if method == "cam" and not all(_is_mean(step) for step in ended):
        return None
    if not any(grid is not None and min(grid.shape) > 1 for _, grid in gone):
        return None
    steps = [step for step, _ in gone]
    names = dict.fromkeys(name for step in steps for name in values_needed(step))
    names |= dict.fromkeys(name for step in ended for name in step.node.output)
    return End(
        method,
        [name for name in names if name not in stored],
        steps,
        shapes,
        {name: stored[name] for name in names if name in stored},
    )


def _is_mean(step: Step | Gathering) -> bool:
    return isinstance(step, Gathering) and step.weights is None


def _probe(
    graph: onnx.ModelProto, ways: Sequence[Way], stored: Values
) -> tuple[dict[str, tuple[int, ...]], dict[str, npt.NDArray[Any]]]:
    """Answer a small photo of noise, for the shapes and values of the tensors on the way."""
    asked = [name for name in _tensors(ways) if name not in stored]
    if not asked:
        return {}, {}
    session = open_session(graph, asked)
    noise = np.random.default_rng(0).integers(0, 256, (_PROBE, _PROBE, 3), np.uint8)
    values = dict(zip(asked, session.run(asked, {graph.graph.input[0].name: noise}), strict=True))
    shapes = {name: np.shape(value) for name, value in {**stored, **values}.items()}
    return shapes, values


def _tensors(ways: Sequence[Way]) -> list[str]:
    """Return the names of what stands on the way."""
    nodes = [step.node for way in ways for step in way]
    return list(dict.fromkeys(n for node in nodes for n in (*node.input, *node.output) if n))


def _stored(graph: onnx.ModelProto, ways: Sequence[Way]) -> dict[str, npt.NDArray[Any]]:
    """Return the weights and constants on the way, by name."""
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.graph.initializer}
    for node in graph.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            stored[node.output[0]] = node.attribute[0].t
    names = [name for name in _tensors(ways) if name in stored]
    return {name: numpy_helper.to_array(stored[name]) for name in names}


def _enlarged(grid: Floats32, height: int, width: int) -> Floats32:
    """Bring a grid of shares to a finer one with the same sum."""
    from PIL import Image

    if grid.shape == (height, width):
        return grid
    picture = Image.fromarray(grid).resize((width, height), Image.Resampling.BILINEAR)
    finer = np.asarray(picture, np.float32) * np.float32(grid.size / (height * width))
    return finer + np.float32((grid.sum() - finer.sum()) / finer.size)
