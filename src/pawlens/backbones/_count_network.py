"""Parameters and multiply-adds of timm's networks, without their weights. Needs torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..base import require
from ..errors import BackboneError
from ._layers import Layer
from ._onnx import first_line
from ._timm import build_network, headless

if TYPE_CHECKING:
    from torch import nn

__all__ = ["count_network"]


def count_network(name: str, size: int, *, classifier: bool = False) -> list[Layer]:
    """List the layers of a network of timm for one photo of S x S pixels.

    Nothing is downloaded, allocated or computed: shapes alone pass through the network. Counted
    are the multiply-adds of convolutions, matrix products and attention (by torch's own counter,
    which gives twice as many operations), as published tables have them.

    Parameters
    ----------
    name : str
        timm's name of the architecture.
    size : int
        S, the side of the input in pixels.
    classifier : bool
        Whether the 1000-way classifier is counted too, as published figures do; features have none.

    Returns
    -------
    list of Layer
        Modules that hold weights or multiply, in the order in which they run.

    Raises
    ------
    BackboneError
        The network is unknown, or does not run at this size.
    MissingExtra
        torch or timm is not installed.
    """
    torch = require("torch", extra="torch")
    counter = require("torch.utils.flop_counter", extra="torch").FlopCounterMode(display=False)
    with torch.device("meta"):
        network = build_network(name, size=size).eval()
        network = network if classifier else headless(network)
        photo = torch.zeros(1, 3, size, size)
    outputs: dict[str, tuple[int, ...]] = {}
    for path, module in network.named_modules():
        if path:
            module.register_forward_hook(_keep_shape(outputs, path))
    try:
        with counter, torch.no_grad():
            network(photo)
    except Exception as error:  # raised by torch or timm: a size that does not fit
        raise BackboneError(f"{name} does not run at {size} pixels: {first_line(error)}") from error
    flops = {path: sum(ops.values()) for path, ops in counter.get_flop_counts().items()}
    root = type(network).__name__
    modules = dict(network.named_modules())
    return [
        layer
        for path in [*outputs, ""]
        if (layer := _layer(path, modules[path], outputs.get(path, ()), flops, root)) is not None
    ]


def _keep_shape(outputs: dict[str, tuple[int, ...]], path: str) -> Any:
    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        outputs[path] = tuple(output.shape[1:]) if hasattr(output, "shape") else ()

    return hook


def _layer(
    path: str, module: nn.Module, output: tuple[int, ...], flops: dict[str, int], root: str
) -> Layer | None:
    """Make the layer of a module itself, without its submodules; None where it does nothing."""
    parameters = sum(parameter.numel() for parameter in module.parameters(recurse=False))
    prefix = f"{root}.{path}" if path else root
    parts = sum(flops.get(f"{prefix}.{name}", 0) for name, _ in module.named_children())
    macs = (flops.get(prefix, 0) - parts) // 2
    if not (parameters or macs):
        return None
    return Layer(path or root, type(module).__name__, output, parameters, macs)
