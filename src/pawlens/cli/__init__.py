"""The command line: the only room that prints."""

from . import _audit, _decisions, _demo, _look, _predict, _recipes, _review, _train  # noqa: F401  each registers its commands
from ._app import app, main

__all__ = ["app", "main"]
