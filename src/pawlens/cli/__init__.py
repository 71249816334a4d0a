"""The command line: the only room that prints."""

from . import (  # noqa: F401  each registers its commands
    _audit,
    _augment,
    _backbones,
    _card,
    _compare,
    _decisions,
    _demo,
    _doctor,
    _embed,
    _ensemble,
    _evaluate,
    _experiments,
    _explain,
    _explore,
    _export,
    _monitor,
    _parts,
    _predict,
    _prove,
    _recipes,
    _review,
    _samples,
    _serve,
    _strip,
    _train,
    _tune,
)
from ._app import app, main

__all__ = ["app", "main"]
