"""What authors of parts for pawlens build on: one class for each kind of part.

A part is one class in one file of another package, named by an entry point; see the pages on
plug-ins in the documentation. What is named here stays as it is until the next major version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .backbones import (
        Backbone,
        BackboneSource,
        BackboneSpec,
        Layer,
        Structure,
        keep_graph,
    )
    from .models import Model
    from .workflows import Exporter

__all__ = [
    "Backbone",
    "BackboneSource",
    "BackboneSpec",
    "Exporter",
    "Layer",
    "Model",
    "Structure",
    "keep_graph",
]

_HOME = {
    "Backbone": ".backbones",
    "BackboneSource": ".backbones",
    "BackboneSpec": ".backbones",
    "Exporter": ".workflows",
    "Layer": ".backbones",
    "Model": ".models",
    "Structure": ".backbones",
    "keep_graph": ".backbones",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a backbone source does not load what exporters need."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __package__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
