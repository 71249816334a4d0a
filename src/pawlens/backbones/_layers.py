"""Layers of a network: output shape, parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Layer", "Stage", "group_by_stage", "total_macs", "total_parameters"]


@dataclass(frozen=True)
class Layer:
    """One layer that has weights or multiplies.

    Attributes
    ----------
    name : str
    kind : str
        Operator of ONNX, or class of torch.
    output : tuple of int
        Shape of the output for one photo, without the batch axis.
    parameters : int
        Number of parameters. Parameters that were folded into other layers are not in a graph.
    macs : int
        Multiply-adds for one photo; each is two floating-point operations (FLOPs).
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Stage:
    """All layers whose maps have the same size, as in Table 1 of He et al. 2016.

    Attributes
    ----------
    name : str
        ``"56 x 56"``, ``"197 tokens"``, or ``"pooled"``.
    layers, parameters, macs : int
        Sums over its layers.
    """

    name: str
    layers: int
    parameters: int
    macs: int


def group_by_stage(layers: Sequence[Layer]) -> list[Stage]:
    """Sum layers by the size of their maps, in the order in which the sizes come.

    A layer that gives one value a channel counts with the maps before it, as the squeeze of a
    squeeze-and-excitation block does, unless only such layers follow: those are ``pooled``.
    """
    names = [_extent(layer.output) for layer in layers]
    maps = [i for i, name in enumerate(names) if name != "pooled"]
    end = maps[-1] if maps else -1
    current = names[maps[0]] if maps else "pooled"
    sums: dict[str, list[int]] = {}
    for i, (name, layer) in enumerate(zip(names, layers, strict=True)):
        if name != "pooled" or i > end:
            current = name
        row = sums.setdefault(current, [0, 0, 0])
        for column, value in enumerate((1, layer.parameters, layer.macs)):
            row[column] += value
    return [Stage(name, *row) for name, row in sums.items()]


def total_parameters(layers: Sequence[Layer]) -> int:
    """Sum up the parameters of all layers."""
    return sum(layer.parameters for layer in layers)


def total_macs(layers: Sequence[Layer]) -> int:
    """Sum up the multiply-adds of all layers for one photo."""
    return sum(layer.macs for layer in layers)


def _extent(shape: tuple[int, ...]) -> str:
    """Return the size of the maps, channels first or last; the input is always square."""
    if len(shape) == 3:
        side = shape[2] if shape[1] == shape[2] else shape[0]
        return f"{side} x {side}" if side > 1 else "pooled"
    if len(shape) == 2 and shape[0] > 1:
        return f"{shape[0]} tokens"
    return "pooled"
