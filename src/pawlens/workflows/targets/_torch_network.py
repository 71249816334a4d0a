"""The core graph as a network of torch with an example of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx

    from ...export import CoreInput

__all__ = ["torch_network"]


def torch_network(
    core: onnx.ModelProto, inputs: Sequence[CoreInput], *, planes: bool = False
) -> tuple[Any, tuple[Any, ...]]:
    """Make a network ready to be converted, and black squares to trace it with.

    Parameters
    ----------
    core : onnx.ModelProto
    inputs : sequence of CoreInput
    planes : bool
        Whether the graph takes float32 (1, 3, S, S).
    """
    import torch

    from ._torch_graph import CoreNetwork

    network = CoreNetwork(core).eval()
    for weight in network.buffers():
        weight.requires_grad_(False)
    if planes:
        return network, tuple(torch.zeros(one.planes_shape) for one in inputs)
    return network, tuple(torch.zeros(one.shape, dtype=torch.uint8) for one in inputs)
