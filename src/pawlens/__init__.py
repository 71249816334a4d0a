"""pawlens: from a folder of photos to a classifier that can be trusted and shipped."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .base import __version__

if TYPE_CHECKING:
    from .errors import PawlensError
    from .models import Model, Predictions, load
    from .photos import Photo, Photos, decode
    from .recipes import Recipe
    from .runs import Run
    from .workflows import Comparison, compare
    from .workflows.ensemble import ensemble
    from .workflows.train import Classifier

__all__ = [
    "Classifier",
    "Comparison",
    "Model",
    "PawlensError",
    "Photo",
    "Photos",
    "Predictions",
    "Recipe",
    "Run",
    "__version__",
    "compare",
    "decode",
    "ensemble",
    "load",
]

_HOME = {
    "Classifier": ".workflows.train",
    "Comparison": ".workflows",
    "Model": ".models",
    "PawlensError": ".errors",
    "Photo": ".photos",
    "Photos": ".photos",
    "Predictions": ".models",
    "Recipe": ".recipes",
    "Run": ".runs",
    "compare": ".workflows",
    "decode": ".photos",
    "ensemble": ".workflows.ensemble",
    "load": ".models",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing pawlens costs nothing."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
