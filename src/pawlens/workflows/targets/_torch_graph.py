"""The core graph as a network of torch, which the converters for phones start from.

A core graph has few operators and fixed shapes, so that each of its nodes is one call of torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional as nn

from ...errors import UsageError

if TYPE_CHECKING:
    import onnx

    Attributes = dict[str, Any]
    Operator = Callable[[Sequence[Any], Attributes], Any]

__all__ = ["CoreNetwork"]


class CoreNetwork(torch.nn.Module):
    """A network that computes what a core graph does.

    Parameters
    ----------
    core : onnx.ModelProto
        A graph of `core_graph`.

    Raises
    ------
    UsageError
        The graph has an operator that is not known here; it is named.
    """

    def __init__(self, core: onnx.ModelProto) -> None:
        from onnx import helper, numpy_helper

        super().__init__()
        graph = core.graph
        self._inputs = [one.name for one in graph.input]
        self._outputs = [one.name for one in graph.output]
        values = {
            one.name: torch.from_numpy(numpy_helper.to_array(one).copy())
            for one in graph.initializer
        }
        self._nodes: list[tuple[Operator, list[str], list[str], Attributes]] = []
        for node in graph.node:
            attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
            if node.op_type == "Constant":
                values[node.output[0]] = torch.from_numpy(
                    numpy_helper.to_array(attributes["value"]).copy()
                )
                continue
            if node.op_type not in _OPERATORS:
                raise UsageError(
                    f"the operator {node.op_type} of this model is not converted: export it --to "
                    "onnx-core"
                )
            operator, names = _OPERATORS[node.op_type], list(node.input)
            attributes["outputs"] = len(node.output)
            if all(name in values for name in names):  # weights that are kept in 16 bits
                values[node.output[0]] = operator([values[name] for name in names], attributes)
                continue
            self._nodes.append((operator, names, list(node.output), attributes))
        used = {name for _, names, _, _ in self._nodes for name in names}
        kept = {name: value for name, value in values.items() if name in used}
        # Bounds are numbers and no weights: ncnn knows no others.
        bounds = {
            n for operator, names, _, _ in self._nodes if operator is _clip for n in names[1:]
        }
        self._small = {
            n: v.tolist() for n, v in kept.items() if not v.is_floating_point() or n in bounds
        }
        self._weights = {}
        for number, name in enumerate(n for n in kept if n not in self._small):
            self._weights[name] = f"weight{number}"
            self.register_buffer(f"weight{number}", kept[name])

    def forward(self, *squares: Any) -> Any:
        """From squares uint8 (1, S, S, 3), in the order of the inputs, to (1, K)."""
        known: dict[str, Any] = dict(zip(self._inputs, squares, strict=True))
        known |= self._small
        known |= {name: getattr(self, buffer) for name, buffer in self._weights.items()}
        for operator, names, outputs, attributes in self._nodes:
            result = operator([known[name] if name else None for name in names], attributes)
            results = result if isinstance(result, list | tuple) else [result]
            known |= dict(zip(outputs, results, strict=True))
        return known[self._outputs[0]]


def _conv(x: Sequence[Any], a: Attributes) -> Any:
    values, padding = _padded(x[0], a, 0.0)
    bias = x[2] if len(x) > 2 else None
    strides, dilations = a.get("strides", 1), a.get("dilations", 1)
    return nn.conv2d(values, x[1], bias, strides, padding, dilations, a.get("group", 1))


def _padded(x: Any, a: Attributes, fill: float) -> tuple[Any, Any]:
    """Pad where the two ends differ, which torch's operators cannot; else return the padding."""
    top, left, bottom, right = a.get("pads", (0, 0, 0, 0))
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise UsageError("a padding that depends on the size is not converted")
    if (top, left) == (bottom, right):
        return x, (top, left)
    return nn.pad(x, (left, right, top, bottom), value=fill), (0, 0)


def _max_pool(x: Sequence[Any], a: Attributes) -> Any:
    values, padding = _padded(x[0], a, float("-inf"))
    ceil = bool(a.get("ceil_mode", 0))
    return nn.max_pool2d(values, a["kernel_shape"], a["strides"], padding, ceil_mode=ceil)


def _average_pool(x: Sequence[Any], a: Attributes) -> Any:
    values, padding = _padded(x[0], a, 0.0)
    if a.get("pads", [0] * 4) != [0] * 4 and not a.get("count_include_pad", 0):
        raise UsageError("an average that leaves its padding out is not converted")
    ceil = bool(a.get("ceil_mode", 0))
    return nn.avg_pool2d(values, a["kernel_shape"], a["strides"], padding, ceil_mode=ceil)


def _normalise(x: Sequence[Any], a: Attributes) -> Any:
    values, scale, bias, mean, variance = x
    return nn.batch_norm(values, mean, variance, scale, bias, eps=a.get("epsilon", 1e-5))


def _gemm(x: Sequence[Any], a: Attributes) -> Any:
    weights = x[1].t() if a.get("transB") else x[1]
    product = x[0] @ weights
    return product + x[2] if len(x) > 2 else product


def _split(x: Sequence[Any], a: Attributes) -> Any:
    axis, sizes = a.get("axis", 0), x[1] if len(x) > 1 else None
    if sizes is None:
        return torch.chunk(x[0], a["outputs"], axis)
    return torch.split(x[0], [int(size) for size in sizes], axis)


def _axes(x: Sequence[Any], a: Attributes) -> list[int]:
    found = x[1] if len(x) > 1 and x[1] is not None else a["axes"]
    return [int(axis) for axis in found]


def _reduced(function: Callable[..., Any]) -> Operator:
    return lambda x, a: function(x[0], dim=_axes(x, a), keepdim=bool(a.get("keepdims", 1)))


def _cast(x: Sequence[Any], a: Attributes) -> Any:
    if a["to"] != 1:
        raise UsageError("a cast to anything but 32-bit floats is not converted")
    return x[0].float()


def _clip(x: Sequence[Any], a: Attributes) -> Any:
    low, high = (x[i] if len(x) > i else a.get(name) for i, name in ((1, "min"), (2, "max")))
    return torch.clamp(x[0], low, high)


def _pad(x: Sequence[Any], a: Attributes) -> Any:
    before, after = x[1][: len(x[1]) // 2], x[1][len(x[1]) // 2 :]
    sides = [end for pair in zip(reversed(before), reversed(after), strict=True) for end in pair]
    fill = float(x[2]) if len(x) > 2 and x[2] is not None else 0.0
    return nn.pad(x[0], sides, value=fill)


def _unsqueezed(x: Sequence[Any], a: Attributes) -> Any:
    value = x[0]
    for axis in sorted(_axes(x, a)):
        value = value.unsqueeze(axis)
    return value


_OPERATORS: dict[str, Operator] = {
    "Add": lambda x, a: x[0] + x[1],
    "AveragePool": _average_pool,
    "BatchNormalization": _normalise,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda x, a: torch.cat(list(x), a["axis"]),
    "Conv": _conv,
    "Div": lambda x, a: x[0] / x[1],
    "Erf": lambda x, a: torch.erf(x[0]),
    "Flatten": lambda x, a: torch.flatten(x[0], 1),
    "Gather": lambda x, a: torch.stack([x[0].select(a["axis"], i) for i in x[1]], a["axis"]),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x, a: x[0].mean(dim=(2, 3), keepdim=True),
    "HardSigmoid": lambda x, a: torch.clamp(
        a.get("alpha", 0.2) * x[0] + a.get("beta", 0.5), 0.0, 1.0
    ),
    "HardSwish": lambda x, a: nn.hardswish(x[0]),
    "Identity": lambda x, a: x[0],
    "Log": lambda x, a: torch.log(x[0]),
    "MatMul": lambda x, a: x[0] @ x[1],
    "Max": lambda x, a: torch.maximum(x[0], x[1]),
    "MaxPool": _max_pool,
    "Min": lambda x, a: torch.minimum(x[0], x[1]),
    "Mul": lambda x, a: x[0] * x[1],
    "Pad": _pad,
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "Relu": lambda x, a: torch.relu(x[0]),
    "Reshape": lambda x, a: x[0].reshape([int(side) for side in x[1]]),
    "Sigmoid": lambda x, a: torch.sigmoid(x[0]),
    "Softmax": lambda x, a: torch.softmax(x[0], a["axis"]),
    "Split": _split,
    "Sqrt": lambda x, a: torch.sqrt(x[0]),
    "Squeeze": lambda x, a: x[0].squeeze(tuple(_axes(x, a))),
    "Sub": lambda x, a: x[0] - x[1],
    "Sum": lambda x, a: sum(x[1:], x[0]),
    "Tanh": lambda x, a: torch.tanh(x[0]),
    "Transpose": lambda x, a: x[0].permute(a["perm"]),
    "Unsqueeze": _unsqueezed,
}
"""A call for each operator that core graphs have: values and attributes in, the result out."""
