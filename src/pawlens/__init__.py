"""pawlens: from a folder of photos to a classifier that can be trusted and shipped."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from .base import __version__

if TYPE_CHECKING:
    from .errors import PawlensError
    from .models import Model, Predictions, load
    from .photos import Photo, Photos, decode
    from .recipes import Recipe
    from .runs import Run
    from .workflows import Comparison, compare, export
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
    "export",
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
    "export": ".workflows",
    "load": ".models",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing pawlens costs nothing."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """The package: a public function keeps its name though a room has the same one."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
