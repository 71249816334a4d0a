"""What authors of parts for pawlens build on: one class for each kind of part.

A part is one class in one file of another package, named by an entry point; see the pages on
plug-ins in the documentation. What is named here stays as it is until the next major version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .audit import AuditCheck, AuditView, Detection, Kind, LeftOut
    from .metrics import Answers, Interval, MeanMetric, Metric, SumMetric

__all__ = [
    "Answers",
    "AuditCheck",
    "AuditView",
    "Detection",
    "Interval",
    "Kind",
    "LeftOut",
    "MeanMetric",
    "Metric",
    "SumMetric",
]

_HOME = {
    "Answers": ".metrics",
    "AuditCheck": ".audit",
    "AuditView": ".audit",
    "Detection": ".audit",
    "Interval": ".metrics",
    "Kind": ".audit",
    "LeftOut": ".audit",
    "MeanMetric": ".metrics",
    "Metric": ".metrics",
    "SumMetric": ".metrics",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a metric does not load what audit checks need."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __package__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
