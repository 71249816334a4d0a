"""Which photo of a group is the original, and what it means that the others are its copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .._photo import Photo, natural_key
from .._photos import Photos
from ._scan import Scan

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["contradict", "find_originals", "in_other_splits", "same_bytes_groups"]


def find_originals(photos: Photos, scans: Sequence[Scan], group: Ints) -> Ints:
    """Find the original of each copy: the largest photo of its group, a training photo if any.

    Among photos of one size the first in natural order is the original (``cat/9.jpg`` before
    ``cat/10.jpg``).

    Parameters
    ----------
    photos : Photos
    scans : sequence of Scan
        Scans of the same photos.
    group : ndarray of int64, shape (n,)
        Photos that show the same picture share a number.

    Returns
    -------
    ndarray of int64, shape (n,)
        Row of the original of each copy; -1 for originals, for lone photos, and for files that
        could not be read.
    """

    def rank(row: int) -> tuple[bool, int, tuple[list[tuple[int, int, str]], str]]:
        scan, photo = scans[row], photos[row]
        elsewhere = photo.split not in (None, "train")
        return elsewhere, -scan.width * scan.height, natural_key(photo.path)

    original = np.full(len(photos), -1, np.int64)
    counts = np.bincount(group)
    first: dict[int, int] = {}
    crowded = [row for row in range(len(photos)) if counts[group[row]] > 1 and scans[row].sha256]
    for row in sorted(crowded, key=rank):
        best = first.setdefault(int(group[row]), row)
        if best != row:
            original[row] = best
    return original


def same_bytes_groups(scans: Sequence[Scan]) -> Ints:
    """Group photos by their bytes, int64 (n,); a photo that cannot be read is alone."""
    keys = [scan.sha256 or f"row {row}" for row, scan in enumerate(scans)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], np.int64)


def contradict(copy: Photo, original: Photo) -> bool:
    """Return whether a copy and its original have labels that contradict each other."""
    both = bool(copy.labels) and bool(original.labels)
    return both and set(copy.labels) != set(original.labels)


def in_other_splits(copy: Photo, original: Photo) -> bool:
    """Return whether a copy and its original are in different splits or folds: a leak."""
    return (copy.split, copy.fold) != (original.split, original.fold)
