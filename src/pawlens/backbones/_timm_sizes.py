"""Input sizes of timm's networks: transformers are built for one, and can be built for others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import require
from ..errors import BackboneError

if TYPE_CHECKING:
    from torch import nn

__all__ = ["build_at", "default_size", "load_resized", "record_of"]

_LARGE = 400  # pixels: a native size from which on a processor takes minutes for what seconds do
_SMALLER = 224
_STEPS = (14, 16, 32, 56)  # sides of patches, and of windows of patches
_REACH = 2  # multiples of each step that are tried below and above a size


def record_of(name: str) -> Any:
    """Return timm's record of weights, ``NAME`` or ``NAME.TAG``; a tag of one's own has none.

    Raises
    ------
    BackboneError
        timm has no such network.
    """
    require("torch", extra="torch")  # what is wrong with it is told first
    timm = require("timm", extra="torch")
    try:
        return timm.get_pretrained_cfg(name)
    except RuntimeError:  # a tag of the user's own: the architecture's default stands
        return timm.get_pretrained_cfg(name.partition(".")[0])


def default_size(name: str) -> int:
    """Return the size of a network where none is asked for, in pixels.

    That is its native one; a transformer of more than 400 (DINOv2 has 518) gets 224, at which it
    takes a sixth of the time and its positions are resampled.
    """
    record = record_of(name)
    native = int(record.input_size[-1])
    return _SMALLER if record.fixed_input_size and native > _LARGE else native


def build_at(name: str, size: int | None, **options: Any) -> nn.Module:
    """Build a network of timm for photos of a size, with random weights.

    Parameters
    ----------
    name : str
        timm's name of the architecture.
    size : int or None
        Side of the input in pixels; None is the native one.
    **options
        Further arguments of ``timm.create_model``.

    Raises
    ------
    BackboneError
        The network cannot be built for this size; the message names sizes near it that it can.
    """
    timm = require("timm", extra="torch")
    record = record_of(name)
    if size is None or not record.fixed_input_size or size == record.input_size[-1]:
        network: nn.Module = timm.create_model(name, pretrained=False, **options)
        return network
    if not _runs(name, size):
        raise BackboneError(f"{name} cannot take {size} pixels; {_possible(name, size)}")
    resized: nn.Module = timm.create_model(name, pretrained=False, img_size=size, **options)
    return resized


def load_resized(name: str, file: Path, size: int, classes: int) -> nn.Module:
    """Build a network for a size that is not its native one, and load weights of the native one.

    Positions and windows are resampled by timm's own function for the architecture, as when it
    loads what it downloads.

    Parameters
    ----------
    name : str
        timm's name of the architecture.
    file : Path
        Safetensors whose keys were compared with the network's.
    size : int
    classes : int
        Width of the head in the file; 0 for none.

    Raises
    ------
    BackboneError
        The network cannot be built for this size, or timm cannot resample its positions.
    """
    timm = require("timm", extra="torch")
    if not _runs(name, size):
        raise BackboneError(f"{name} cannot take {size} pixels; {_possible(name, size)}")
    try:
        network: nn.Module = timm.create_model(
            name,
            pretrained=True,
            num_classes=classes,
            img_size=size,
            pretrained_cfg_overlay={"file": str(file), "num_classes": classes},
        )
    except RuntimeError as error:  # the keys were compared before, so only shapes can be wrong
        native = record_of(name).input_size[-1]
        raise BackboneError(
            f"{name} cannot take {size} pixels: timm does not resample the positions of its "
            f"weights; it takes {native}"
        ) from error
    return network


def _runs(name: str, size: int) -> bool:
    """Whether a network runs at a size; nothing is allocated for it."""
    timm = require("timm", extra="torch")
    torch = require("torch", extra="torch")
    try:
        with torch.device("meta"), torch.no_grad():
            network = timm.create_model(name, pretrained=False, num_classes=0, img_size=size)
            network.eval()(torch.zeros(1, 3, size, size))
            patch = getattr(getattr(network, "patch_embed", None), "patch_size", 1)
    except Exception:
        return False
    side = patch[0] if isinstance(patch, tuple) else patch
    return size % side == 0  # what is left of a patch at the edges would not be seen


def _possible(name: str, size: int) -> str:
    """Name the nearest sizes below and above that a network can be built for."""
    near = {
        step * (size // step + offset) for step in _STEPS for offset in range(-_REACH, _REACH + 1)
    }
    native = int(record_of(name).input_size[-1])
    below = sorted((side for side in near if 0 < side < size), reverse=True)
    above = sorted(side for side in near if side > size)
    found = [next((s for s in sides if _runs(name, s)), None) for sides in (below, above)]
    sizes = sorted({native, *(side for side in found if side)})
    return "it takes " + " or ".join(f"{side}" for side in sizes)
