"""Bursts: photos that one camera took within seconds of each other, by their EXIF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from ...base import cores, ordered_map
from ...errors import MissingExtra, UnreadablePhoto
from ..decoding import camera_facts

if TYPE_CHECKING:
    from .._photos import Photos

__all__ = ["bursts", "read_bursts"]

_SECONDS = 3.0  # between two photos of a burst
_CLOCK_NOT_SET = 30  # photos of one second: no camera is that fast


def read_bursts(photos: Photos) -> list[str | None]:
    """Read the headers of photos, and name the burst of each; see `bursts`."""

    def shot(row: int) -> tuple[str, str]:
        try:
            camera, serial, taken = camera_facts(photos.read_bytes(row))
        except (UnreadablePhoto, MissingExtra):
            return "", ""
        return f"{camera} {serial}".strip(), taken

    return bursts(list(ordered_map(shot, range(len(photos)), workers=cores())))


def bursts(shots: Sequence[tuple[str, str]]) -> list[str | None]:
    """Number the bursts, and name that of each photo; names say nothing of camera and time.

    Parameters
    ----------
    shots : sequence of (str, str)
        Camera and time of each photo, as `Header` has them.

    Returns
    -------
    list of str or None
        None for a photo that no other one of the same camera is within three seconds of, and where
        camera or time are unknown. Where more than thirty photos have the very same second, the
        camera's clock was not set, or the photos were edited; that second says nothing.

    Examples
    --------
    >>> first, second = "2026:11:30 12:00:00", "2026:11:30 12:00:02"
    >>> bursts([("A", first), ("A", second), ("B", second), ("", first)])
    ['burst 1', 'burst 1', None, None]
    """
    crowd = Counter(shots)
    timed = sorted(
        (camera, when, row)
        for row, (camera, taken) in enumerate(shots)
        if camera and crowd[camera, taken] <= _CLOCK_NOT_SET and (when := _seconds(taken))
    )
    found: list[str | None] = [None] * len(shots)
    count = 0
    for (camera, earlier, before), (same, later, row) in pairwise(timed):
        if camera == same and later - earlier <= _SECONDS:
            if found[before] is None:
                count += 1
                found[before] = f"burst {count}"
            found[row] = found[before]
    return found


def _seconds(taken: str) -> float:
    """Read a time of EXIF, in seconds; 0 where it is none."""
    try:
        return datetime.strptime(taken[:19], "%Y:%m:%d %H:%M:%S").timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
