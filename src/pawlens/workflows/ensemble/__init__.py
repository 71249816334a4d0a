"""Ensembles: several runs joined into one graph."""

from ._ensemble import ensemble

__all__ = ["ensemble"]
