"""What this machine can do."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ..backbones import cpu_precision
from ..base import cores, environment, user_cache

__all__ = ["doctor"]

_EXTRAS = {
    "torch": "timm",
    "tune": "optuna",
    "serve": "fastapi",
    "explain": "captum",
    "heic": "pillow_heif",
}


def doctor() -> dict[str, Any]:
    """Say what this machine can do: processors, precision, cache folder, extras and versions.

    >>> sorted(doctor()["extras"])
    ['explain', 'heic', 'serve', 'torch', 'tune']
    """
    return {
        "processors": cores(),
        "precision that auto takes": cpu_precision(),
        "cache folder": str(user_cache()),
        "extras": {extra: find_spec(module) is not None for extra, module in _EXTRAS.items()},
        "versions": environment({}, [], 0)["libraries"],
    }
