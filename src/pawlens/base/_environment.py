"""The record of the machine that a run keeps: versions, processors, memory."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
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
    *,
    busy: float | None = None,
) -> dict[str, Any]:
    """Versions, machine, and what was measured on it; photos that were lost meanwhile are named.

    Parameters
    ----------
    seconds : mapping of str to float
        Wall time of each step.
    precisions : sequence of str
        Arithmetic and device of each backbone, in words.
    extracted : int
        Photos whose features were computed.
    lost : sequence of str
        Paths of photos that could not be read any more.
    busy : float, optional
        Seconds of processors that the work took, by `Clock.processor_seconds`.
    """
    from importlib.metadata import version  # slow, and nobody needs it on import

    facts = {
        "pawlens": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": cores(),
        "precision": list(precisions),
        "extracted": extracted,
        "seconds": dict(seconds),
        **({} if busy is None else {"processor_seconds": round(busy, 1)}),
        "date": datetime.now(UTC).date().isoformat(),
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
