"""What a person decided about single photos, as the table of photos sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ...errors import DecisionsError
from .._photos import Photos
from ..scan import Scan

__all__ = ["Ruling", "in_words", "relabelled", "why_aside"]


class Ruling(Protocol):
    """A decision about one content, wherever it was made and kept.

    Attributes
    ----------
    action : str
        ``"drop"``, ``"relabel"``, ``"trim"`` or ``"keep"``.
    labels : tuple of str
        New labels, only for ``relabel``; none where the photo shows no class.
    reason : str
    """

    @property
    def action(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def reason(self) -> str: ...


def in_words(ruling: Ruling | None) -> str:
    """Write a ruling as ``drop``, ``relabel:dog``, ``relabel:cat;dog``, ``trim`` or ``keep``."""
    if ruling is None:
        return ""
    if ruling.action == "relabel":
        return f"relabel:{';'.join(ruling.labels)}"
    return ruling.action


def why_aside(ruling: Ruling | None, *, several: bool = False) -> str:
    """Return why a ruling sets its photo aside; empty where it does not.

    With `several` labels, "no label" is an answer like any other.
    """
    if ruling is None:
        return ""
    if ruling.action == "drop":
        return f"decided: drop ({ruling.reason})" if ruling.reason else "decided: drop"
    if ruling.action == "relabel" and not ruling.labels and not several:
        return "decided: shows none of the classes"
    return ""


def relabelled(
    photos: Photos, scans: Sequence[Scan], rulings: Mapping[str, Ruling]
) -> tuple[Photos, list[Ruling | None]]:
    """Return the photos with the labels that were decided, and the ruling on each row.

    Raises
    ------
    DecisionsError
        A ruling names a class that no photo has.
    """
    by_row = [rulings.get(scan.sha256) if scan.sha256 else None for scan in scans]
    classes = set(photos.classes)
    rows = []
    for photo, ruling in zip(photos, by_row, strict=True):
        if ruling is None or ruling.action != "relabel":
            rows.append(photo)
            continue
        for label in ruling.labels:
            if label not in classes:
                raise DecisionsError(
                    f"{photo.path}: decided to be {label!r}, which is no class of these photos "
                    f"({', '.join(photos.classes)}); decide anew"
                )
        rows.append(replace(photo, labels=ruling.labels))
    return photos.with_rows(rows), by_row
