"""How much of an answer each place of the photo gave: weights of features, followed back.

A step backwards multiplies by what a node does for this one photo: a matrix, the scale of a norm,
the gate of an activation, the weights of attention. So every share adds up to the answer, without
a gradient: what is multiplied is the node itself, not its slope (layer-wise relevance with linear
norms and attention: Ali et al. 2022, arXiv:2202.07304). Behind a mean over a grid this is the
class activation map of Zhou et al. (2016, arXiv:1512.04150).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import ACTIVATIONS, Gathering, Step, split_tokens
from ._backwards import BACK, At, NotFollowed

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Values = Mapping[str, npt.NDArray[Any]]
    Shape = tuple[int, ...]

__all__ = ["follow", "values_needed"]

_PLANES = {"AveragePool", "Conv", "ConvTranspose", "MaxPool", "Resize"}  # channels come first


def values_needed(step: Step | Gathering) -> list[str]:
    """Return the tensors whose values a step backwards reads."""
    node = step.node
    if isinstance(step, Gathering):
        return [step.cells]
    if node.op_type == "LayerNormalization":
        return [node.input[0], node.input[1]]
    if node.op_type in ACTIVATIONS:
        return [node.input[0], node.output[0]]
    return [name for i, name in enumerate(node.input) if name and i not in step.carried]


def follow(
    steps: Sequence[Step | Gathering],
    values: Values,
    shapes: Mapping[str, Shape],
    weights: Floats32,
) -> Iterator[tuple[Step | Gathering, Floats32 | None]]:
    """Follow weights of features back to the places of the photo.

    Parameters
    ----------
    steps : sequence of Step or Gathering
        From `pawlens.backbones.trace_features`.
    values : mapping of str to ndarray
        What `values_needed` names, for one photo.
    shapes : mapping of str to tuple of int
        Shapes of all tensors on the way.
    weights : ndarray of float32, shape (D,)

    Yields
    ------
    (step, grid)
        Every step through which something comes back, and at its end a grid, float32 (h, w): what
        each cell gave to the weighted sum of the features. Elsewhere the grid is None.
    """
    output = steps[0].node.output[0]
    back: dict[str, npt.NDArray[Any]] = {output: weights.reshape(shapes[output])}
    for step in steps:
        for number, name in enumerate(step.node.output):
            given = back.pop(name, None)
            if given is None or not given.any():
                continue
            if isinstance(step, Gathering):
                yield step, _gathered(step, values, given)
                continue
            try:
                before = _before(step, values, shapes, number, given)
            except NotFollowed:
                yield step, _located(step, values[name], given)
                continue
            for i, part in before.items():
                read = step.node.input[i]
                back[read] = back[read] + part if read in back else part
            yield step, None


def _before(
    step: Step, values: Values, shapes: Mapping[str, Shape], number: int, given: npt.NDArray[Any]
) -> dict[int, npt.NDArray[Any]]:
    """Take what comes back to one output through a node, to each input that is carried."""
    rule = BACK.get(step.node.op_type)
    if rule is None or not step.carried:
        raise NotFollowed
    return {i: rule(At(step.node, values, shapes, i, number), given) for i in step.carried}


def _gathered(step: Gathering, values: Values, given: npt.NDArray[Any]) -> Floats32:
    """Share out what comes back to a mean; what tokens before the photo's gave is in no grid."""
    if step.weights is not None:
        raise NotFollowed
    cells = values[step.cells]
    count = int(np.prod([cells.shape[axis] for axis in step.axes]))
    if given.ndim < cells.ndim:
        given = np.expand_dims(given, step.axes)
    share = (cells * (given / count)).sum(
        tuple(axis for axis in range(cells.ndim) if axis not in step.axes)
    )
    if share.ndim == 1:
        share = share[step.prefix :].reshape(step.grid)
    return np.asarray(share, np.float32)


def _located(step: Step, value: npt.NDArray[Any], given: npt.NDArray[Any]) -> Floats32:
    """Share out what comes back to the end of the way: a plane, or tokens.

    Raises
    ------
    NotFollowed
        The value there has no places, or a class token's share is among it.
    """
    share, kind = value * given, step.node.op_type
    if share.ndim == 4 and (kind in _PLANES or share.shape[2] == share.shape[3]):
        return np.asarray(share.sum((0, 1)), np.float32)
    if share.ndim not in (3, 4):
        raise NotFollowed
    tokens = share.ndim - 2
    grid, prefix = split_tokens(share.shape[tokens])
    rows = share.sum(tuple(axis for axis in range(share.ndim) if axis != tokens))
    if grid[0] < 2 or rows[:prefix].any():
        raise NotFollowed
    return np.asarray(rows[prefix:].reshape(grid), np.float32)
