"""Detection of photos whose metadata tell of people and places."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..base import cores, ordered_map
from ..errors import MissingExtra, UnreadablePhoto
from ..photos import PLACE, private_facts
from ._check import AuditCheck
from ._detection import Detection
from ._kind import Kind
from ._view import AuditView

__all__ = ["PrivacyCheck"]


class PrivacyCheck(AuditCheck):
    """Photos that say where they were taken, or by whose camera; the values are never shown."""

    kinds = (
        Kind(
            "located",
            "Tell a place",
            "The file says where the photo was taken (GPS). pawlens strip writes copies without "
            "metadata.",
            0.0,
        ),
        Kind(
            "traceable",
            "Tell a camera or a person",
            "The file has a serial number, a name, or a small picture from before it was edited. "
            "pawlens strip writes copies without metadata.",
            0.0,
        ),
    )

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Look at the header of every readable photo."""

        def facts(row: int) -> tuple[str, ...]:
            if view.scans[row].problem:
                return ()
            try:
                return private_facts(view.photos.read_bytes(row))
            except (UnreadablePhoto, MissingExtra):
                return ()

        told = list(ordered_map(facts, range(len(view)), workers=cores()))
        yield _detection("located", [[one for one in row if one == PLACE] for row in told])
        yield _detection("traceable", [[one for one in row if one != PLACE] for row in told])


def _detection(kind: str, told: list[list[str]]) -> Detection:
    found = np.array([bool(row) for row in told], bool)
    why = {row: ", ".join(facts) for row, facts in enumerate(told) if facts}
    return Detection(kind, found.astype(np.float64), found, why)
