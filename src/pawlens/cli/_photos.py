"""The photos of a command, read once, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ._app import say

if TYPE_CHECKING:
    from ..photos import Photos

__all__ = ["Told", "read_photos"]


class Told:
    """The notes that were printed already, so that none is printed twice."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, notes: Iterable[str]) -> None:
        """Print notes on standard error, a line each."""
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                say(f"note: {note}")


def read_photos(source: str, told: Told, *, group: str | None, group_name: str | None) -> Photos:
    """Read photos that are to train, and tell before the work begins how they were understood."""
    from ..photos import Photos, suggest_groups

    table = Photos.read(source, group=group, group_name=group_name)
    told.tell([*table.notes, *suggest_groups(table)])
    return table
