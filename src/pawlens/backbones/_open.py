"""Opening an engine for a backbone, on a device and in a precision."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import Literal

from ..base import require
from ..errors import UsageError
from ._cache import check_unchanged
from ._engine import Engine, Precision
from ._openvino import OpenVinoEngine
from ._spec import Backbone
from ._timm import load_network
from ._torch import TorchEngine

__all__ = ["Device", "open_engine"]

Device = Literal["auto", "cpu", "cuda"]


def open_engine(
    backbone: Backbone, *, precision: Precision = "auto", device: Device = "auto"
) -> Engine:
    """Open an engine for a backbone.

    A GPU runs what has weights for torch. Any other backbone (``paw``, a user's ONNX file, a
    quantised one) runs on the CPU whatever the device; the engine's `device` tells.

    Parameters
    ----------
    backbone : Backbone
    precision : {"auto", "f32", "bf16", "int8"}
        The engine's `precision` tells what ``auto`` became, never int8: that one wants a backbone
        from `quantise`.
    device : {"auto", "cpu", "cuda"}
        ``auto`` takes a GPU where there is one; torch is not even imported where there is none.

    Raises
    ------
    UsageError
        The precision does not exist on the device, or there is no such device.
    MissingExtra
        A GPU is asked for and torch is not installed.
    """
    if _has_gpu(device) and backbone.weights and precision != "int8":
        network = load_network(backbone.weights.stem, backbone.weights, backbone.spec.input_size)
        check_unchanged(backbone.weights_hash, backbone.weights)
        return TorchEngine(network, backbone.spec, precision=precision)
    return OpenVinoEngine(backbone.path, [backbone.spec], precision=precision)


def _has_gpu(device: Device) -> bool:
    """Return whether a GPU is wanted and present; NVIDIA's driver comes with ``nvidia-smi``."""
    if device == "cpu":
        return False
    if device == "auto" and not (find_spec("torch") and shutil.which("nvidia-smi")):
        return False
    there: bool = require("torch", extra="torch").cuda.is_available()
    if device == "cuda" and not there:
        raise UsageError("torch finds no GPU here: use --device cpu, or --device auto")
    return there
