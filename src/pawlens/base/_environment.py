"""The record of the machine that a run keeps: versions, processors, memory."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from ._parallel import cores
from ._version import __version__

__all__ = ["environment"]

_LIBRARIES = (
    "numpy",
    "openvino",
    "onnx",
    "onnxruntime",
    "scikit-learn",
    "scipy",
    "pillow",
    "simplejpeg",
    "cykooz-resizer",
)


def environment(
    seconds: Mapping[str, float],
    precisions: Sequence[str],
    extracted: int,
    lost: Sequence[str] = (),
) -> dict[str, Any]:
    """Versions, machine, and what was measured on it; photos that were lost meanwhile are named."""
    from importlib.metadata import version  # slow, and nobody needs it on import

    facts = {
        "pawlens": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": cores(),
        "precision": list(precisions),
        "extracted": extracted,
        "seconds": dict(seconds),
        "peak_memory_mb": _peak_memory_mb(),
        "libraries": {name: version(name) for name in _LIBRARIES if _installed(name)},
    }
    return facts | ({"no longer readable": list(lost)} if lost else {})


def _installed(name: str) -> bool:
    from importlib.metadata import distributions

    return any(True for _ in distributions(name=name))


def _peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far; None where the system does not tell."""
    if os.name != "posix":
        return None
    import resource

    unit = 1 if platform.system() == "Darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
