"""From a backbone to an engine on the device and in the precision asked for."""

from __future__ import annotations

from typing import Literal

from ._engine import Engine, Precision
from ._openvino import OpenVinoEngine
from ._spec import Backbone

__all__ = ["Device", "open_engine"]

Device = Literal["auto", "cpu", "cuda"]


def open_engine(
    backbone: Backbone, *, precision: Precision = "auto", device: Device = "auto"
) -> Engine:
    """Open an engine for a backbone.

    Parameters
    ----------
    backbone : Backbone
    precision : {"auto", "f32", "bf16", "int8"}
        The engine's `precision` tells what auto became.
    device : {"auto", "cpu", "cuda"}
        ``auto`` takes a GPU where the driver, torch and onnx2torch-free weights allow it.

    Raises
    ------
    UsageError
        The precision does not exist on the device, or there is no such device.
    """
    return OpenVinoEngine(backbone.path, [backbone.spec], precision=precision)
