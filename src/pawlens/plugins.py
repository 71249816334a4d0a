"""What authors of parts for pawlens build on: one class for each kind of part.

A part is one class in one file of another package, named by an entry point; see the pages on
plug-ins in the documentation. What is named here stays as it is until the next major version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .audit import AuditCheck, AuditView, Detection, Kind, LeftOut
    from .backbones import Backbone, BackboneSource, BackboneSpec, Layer, Structure, keep_graph
    from .metrics import Answers, Interval, MeanMetric, Metric, SumMetric
    from .models import Model
    from .recipes import Phase, RunInProgress, TrainingSession
    from .workflows import Exporter

__all__ = [
    "Answers",
    "AuditCheck",
    "AuditView",
    "Backbone",
    "BackboneSource",
    "BackboneSpec",
    "Detection",
    "Exporter",
    "Interval",
    "Kind",
    "Layer",
    "LeftOut",
    "MeanMetric",
    "Metric",
    "Model",
    "Phase",
    "RunInProgress",
    "Structure",
    "SumMetric",
    "TrainingSession",
    "keep_graph",
]

_HOME = {
    "Answers": ".metrics",
    "AuditCheck": ".audit",
    "AuditView": ".audit",
    "Backbone": ".backbones",
    "BackboneSource": ".backbones",
    "BackboneSpec": ".backbones",
    "Detection": ".audit",
    "Exporter": ".workflows",
    "Interval": ".metrics",
    "Kind": ".audit",
    "Layer": ".backbones",
    "LeftOut": ".audit",
    "MeanMetric": ".metrics",
    "Metric": ".metrics",
    "Model": ".models",
    "Phase": ".recipes",
    "RunInProgress": ".recipes",
    "Structure": ".backbones",
    "SumMetric": ".metrics",
    "TrainingSession": ".recipes",
    "keep_graph": ".backbones",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a backbone source does not load what exporters need."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __package__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
