"""The photos of a command, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ._app import say

if TYPE_CHECKING:
    from ..photos import Photos

__all__ = ["read_photos", "tell_notes"]


def read_photos(
    source: str,
    *,
    group: str | None,
    group_name: str | None,
    path_column: str | None,
    label_column: str | None,
) -> Photos:
    """Read photos that are to train, with a note where something suggests groups; see `Bars`."""
    from ..photos import Photos, suggest_groups

    table = Photos.read(
        source,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    return table.with_rows(table, notes=suggest_groups(table))


def tell_notes(notes: Iterable[str], photos: Photos) -> None:
    """Print notes on standard error, except those of the photos, which were told before."""
    for note in notes:
        if note not in photos.notes:
            say(f"photos: {note}")
