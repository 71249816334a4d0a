"""What authors of parts for pawlens build on: one class for each kind of part.

A part is one class in one file of another package, named by an entry point; see the pages on
plug-ins in the documentation. What is named here stays as it is until the next major version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recipes import Phase, RunInProgress, TrainingSession

__all__ = ["Phase", "RunInProgress", "TrainingSession"]

_HOME = {
    "Phase": ".recipes",
    "RunInProgress": ".recipes",
    "TrainingSession": ".recipes",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a phase does not load what exporters need."""
    if name in _HOME:
        return getattr(import_module(_HOME[name], __package__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
