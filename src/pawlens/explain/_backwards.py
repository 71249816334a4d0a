"""The nodes of a graph, backwards: what each does for one photo, as a linear map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import ACTIVATIONS

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Values = Mapping[str, npt.NDArray[Any]]
    Shape = tuple[int, ...]

__all__ = ["BACK", "At", "NotFollowed", "summed"]

_FLAT = 1e-12  # below it the value of an activation is no multiple of its input


class NotFollowed(Exception):
    """The way back leads through what is not linear, even given the photo."""


class At:
    """A node on the way back: its input that is followed, and the values around it."""

    def __init__(
        self,
        node: onnx.NodeProto,
        values: Values,
        shapes: Mapping[str, Shape],
        index: int,
        output: int,
    ) -> None:
        self.node, self._values, self._shapes = node, values, shapes
        self.index, self.output = index, output
        self.shape = shapes[node.input[index]]

    def value(self, i: int) -> npt.NDArray[Any]:
        return self._values[self.node.input[i]]

    def result(self) -> npt.NDArray[Any]:
        return self._values[self.node.output[0]]

    def has(self, i: int) -> bool:
        return len(self.node.input) > i and bool(self.node.input[i])

    def shape_of(self, i: int) -> Shape:
        return self._shapes[self.node.input[i]]

    def attribute(self, name: str, default: Any = None) -> Any:
        from onnx import helper

        for attribute in self.node.attribute:
            if attribute.name == name:
                return helper.get_attribute_value(attribute)
        return default


Back = Callable[[At, "npt.NDArray[Any]"], "npt.NDArray[Any]"]


def summed(given: npt.NDArray[Any], shape: Shape) -> npt.NDArray[Any]:
    """Sum over what was broadcast, so that the result has a shape."""
    extra = given.ndim - len(shape)
    given = given.sum(tuple(range(extra))) if extra > 0 else given
    axes = tuple(i for i, side in enumerate(shape) if side == 1 and given.shape[i] != 1)
    return np.asarray(given.sum(axes, keepdims=True) if axes else given)


def _same(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return summed(np.asarray(given), at.shape)


def _minus(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return summed(-given if at.index else given, at.shape)


def _reshaped(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return given.reshape(at.shape)


def _scaled(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return summed(given * at.value(1 - at.index), at.shape)


def _divided(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return summed(given / at.value(1), at.shape)


def _multiplied(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    other = at.value(1 - at.index)
    if other.ndim == 1:
        other = other[:, None] if at.index == 0 else other[None]
        given = given[..., None] if at.index == 0 else given[..., None, :]
    turned = np.swapaxes(other, -1, -2)
    return summed(given @ turned if at.index == 0 else turned @ given, at.shape)


def _layer(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    other = at.value(1)
    other = other if at.attribute("transB", 0) else other.T
    back = at.attribute("alpha", 1.0) * given @ other
    return np.asarray(back.T if at.attribute("transA", 0) else back)


def _convolved(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Go back through a convolution of single pixels, as they stand after the pooling."""
    kernel, groups = at.value(1), at.attribute("group", 1)
    if set(kernel.shape[2:]) != {1} or at.shape[2:] != given.shape[2:]:
        raise NotFollowed(at.node.name)
    parts = given.reshape(groups, len(kernel) // groups, -1)
    kernels = kernel.reshape(groups, -1, kernel.shape[1])
    back = np.einsum("gos,goi->gis", parts, kernels)
    return np.asarray(back).reshape(at.shape)


def _transposed(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    order = at.attribute("perm") or list(range(given.ndim))[::-1]
    return given.transpose(np.argsort(order))


def _sliced(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    starts, ends = at.value(1), at.value(2)
    axes = at.value(3) if at.has(3) else np.arange(len(starts))
    steps = at.value(4) if at.has(4) else np.ones(len(starts), np.int64)
    places = [slice(None)] * len(at.shape)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step < 1:
            raise NotFollowed(at.node.name)
        places[axis] = slice(int(start), int(end), int(step))
    back = np.zeros(at.shape, given.dtype)
    back[tuple(places)] = given
    return back


def _picked(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    axis, picked = at.attribute("axis", 0) % len(at.shape), at.value(1)
    ahead = np.moveaxis(
        given.reshape(*given.shape[:axis], picked.size, *at.shape[axis + 1 :]), axis, 0
    )
    back = np.zeros(at.shape, given.dtype)
    np.add.at(np.moveaxis(back, axis, 0), picked.reshape(-1), ahead)
    return back


def _split(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    axis = at.attribute("axis", 0) % len(at.shape)
    if at.has(1):
        sizes = at.value(1).tolist()
    else:
        count = len(at.node.output)
        sizes = [-(-at.shape[axis] // count)] * count
    start = sum(sizes[: at.output])
    back = np.zeros(at.shape, given.dtype)
    np.moveaxis(back, axis, 0)[start : start + given.shape[axis]] = np.moveaxis(given, axis, 0)
    return back


def _padded(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    axes = at.value(3) if at.has(3) else np.arange(len(at.shape))
    before = at.value(1)[: len(axes)]
    places = [slice(None)] * len(at.shape)
    for axis, start in zip(axes.tolist(), before.tolist(), strict=True):
        places[axis] = slice(start, start + at.shape[axis])
    if min(before) < 0 or at.attribute("mode", b"constant") != b"constant":
        raise NotFollowed
    return given[tuple(places)]


def _joined(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    axis = at.attribute("axis") % len(at.shape)
    start = sum(at.shape_of(i)[axis] for i in range(at.index))
    return np.moveaxis(np.moveaxis(given, axis, 0)[start : start + at.shape[axis]], 0, axis)


def _averaged(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Go back through a mean over channels, as norms take it."""
    axes = at.attribute("axes") or (at.value(1).tolist() if at.has(1) else range(len(at.shape)))
    axes = tuple(axis % len(at.shape) for axis in axes)
    given = given if given.ndim == len(at.shape) else np.expand_dims(given, axes)
    return np.broadcast_to(given / np.prod([at.shape[axis] for axis in axes]), at.shape)


def _normed_layer(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    x = at.value(0)
    axes = tuple(range(at.attribute("axis", -1) % x.ndim, x.ndim))
    centred = given * at.value(1)
    centred = centred - centred.mean(axes, keepdims=True)
    spread = np.sqrt(x.var(axes, keepdims=True) + at.attribute("epsilon", 1e-5))
    return np.asarray(centred / spread)


def _normed_batch(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    scale = at.value(1) / np.sqrt(at.value(4) + at.attribute("epsilon", 1e-5))
    return np.asarray(given * scale.reshape(-1, *[1] * (given.ndim - 2)))


def _gated(at: At, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    x, y = at.value(0), at.result()
    slope = np.divide(y, x, out=np.zeros_like(x), where=np.abs(x) > _FLAT)
    return np.asarray(given * slope)


BACK: Mapping[str, Back] = {
    **dict.fromkeys(ACTIVATIONS, _gated),
    **dict.fromkeys(("Flatten", "Reshape", "Squeeze", "Unsqueeze"), _reshaped),
    **dict.fromkeys(("Cast", "DequantizeLinear", "Dropout", "Identity", "QuantizeLinear"), _same),
    **dict.fromkeys(("Add", "Expand", "Sum"), _same),
    "BatchNormalization": _normed_batch,
    "Concat": _joined,
    "Conv": _convolved,
    "Div": _divided,
    "Gather": _picked,
    "Gemm": _layer,
    "LayerNormalization": _normed_layer,
    "MatMul": _multiplied,
    "Mul": _scaled,
    "Neg": lambda at, given: -given,
    "Pad": _padded,
    "ReduceMean": _averaged,
    "Slice": _sliced,
    "Split": _split,
    "Sub": _minus,
    "Transpose": _transposed,
}
