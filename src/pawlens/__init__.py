"""pawlens: from a folder of photos to a classifier that can be trusted and shipped."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from . import errors
from .base import __version__, lazy_name

if TYPE_CHECKING:
    from .audit import Audit, Decision, read_decisions
    from .errors import PawlensError
    from .models import Embeddings, Model, Predictions, load
    from .photos import Photo, Photos, decode
    from .recipes import Recipe, read_recipe
    from .review import review
    from .runs import Run
    from .samples import draw_samples
    from .server import serve
    from .workflows import (
        Comparison,
        Evaluation,
        audit,
        augment,
        backbones,
        card,
        compare,
        decide_automatically,
        describe_backbone,
        doctor,
        embed,
        evaluate,
        experiments,
        explain,
        explore,
        export,
        monitor,
        predict,
        prove,
        recipes,
        strip,
        track,
        tune,
    )
    from .workflows.ensemble import ensemble
    from .workflows.parts import merge, write_part, write_parts
    from .workflows.train import Classifier

__all__ = [
    "Audit",
    "Classifier",
    "Comparison",
    "Decision",
    "Embeddings",
    "Evaluation",
    "Model",
    "PawlensError",
    "Photo",
    "Photos",
    "Predictions",
    "Recipe",
    "Run",
    "__version__",
    "audit",
    "augment",
    "backbones",
    "card",
    "compare",
    "decide_automatically",
    "decode",
    "describe_backbone",
    "doctor",
    "draw_samples",
    "embed",
    "ensemble",
    "errors",
    "evaluate",
    "experiments",
    "explain",
    "explore",
    "export",
    "load",
    "merge",
    "monitor",
    "predict",
    "prove",
    "read_decisions",
    "read_recipe",
    "recipes",
    "review",
    "serve",
    "strip",
    "track",
    "tune",
    "write_part",
    "write_parts",
]

_HOME = {
    "Audit": ".audit",
    "Classifier": ".workflows.train",
    "Comparison": ".workflows",
    "Decision": ".audit",
    "Embeddings": ".models",
    "Evaluation": ".workflows",
    "Model": ".models",
    "PawlensError": ".errors",
    "Photo": ".photos",
    "Photos": ".photos",
    "Predictions": ".models",
    "Recipe": ".recipes",
    "Run": ".runs",
    "audit": ".workflows",
    "augment": ".workflows",
    "backbones": ".workflows",
    "card": ".workflows",
    "compare": ".workflows",
    "decide_automatically": ".workflows",
    "decode": ".photos",
    "describe_backbone": ".workflows",
    "doctor": ".workflows",
    "draw_samples": ".samples",
    "embed": ".workflows",
    "ensemble": ".workflows.ensemble",
    "export": ".workflows",
    "evaluate": ".workflows",
    "experiments": ".workflows",
    "explain": ".workflows",
    "explore": ".workflows",
    "load": ".models",
    "merge": ".workflows.parts",
    "monitor": ".workflows",
    "predict": ".workflows",
    "prove": ".workflows",
    "read_decisions": ".audit",
    "read_recipe": ".recipes",
    "recipes": ".workflows",
    "review": ".review",
    "serve": ".server",
    "strip": ".workflows",
    "track": ".workflows",
    "tune": ".workflows",
    "write_part": ".workflows.parts",
    "write_parts": ".workflows.parts",
}


class _Package(ModuleType):
    """A package some of whose functions are called like the private rooms that they work in.

    Python binds a room to its name here when the room is imported, by whomever. That would put
    the room `pawlens.audit` in the place of the function `pawlens.audit` at some moment or other.
    The function keeps the name; ``from pawlens.audit import ...`` reaches the room all the same.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing pawlens costs nothing."""
    return lazy_name(__name__, _HOME, name)


def __dir__() -> list[str]:
    return sorted(__all__)
