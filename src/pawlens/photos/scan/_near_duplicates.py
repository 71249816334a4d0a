"""Near-duplicates: photos that show the same picture, found by their perceptual hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ._close_hashes import Components, join_close
from ._scan import Scan

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["near_duplicate_groups"]

_MAX_DISTANCE = 6
_BITS = 64


def near_duplicate_groups(scans: Sequence[Scan], *, max_distance: int = _MAX_DISTANCE) -> Ints:
    """Group photos that show the same picture, as it is or mirrored.

    They have equal bytes, or perceptual hashes that are close; see `join_close` for how these are
    found in less than the square of the number of photos.

    Parameters
    ----------
    scans : sequence of Scan
    max_distance : int
        Largest Hamming distance (of 64 bits) between near-duplicates.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    keys = [s.phash or s.sha256 or f"row {i}" for i, s in enumerate(scans)]
    unique = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    hashed = {k: i for k, i in unique.items() if len(k) == _BITS // 4}
    mirrors = {s.phash: s.mirrored for s in scans if s.mirrored}
    nodes = np.fromiter(hashed.values(), np.int64, len(hashed))
    # The mirror image of a photo stands for the photo: what is close to either is close to it.
    nodes = np.concatenate([nodes, [hashed[key] for key in mirrors]]).astype(np.int64)
    components = Components(len(unique))
    join_close(_numbers([*hashed, *mirrors.values()]), nodes, max_distance, components)
    groups = components.of(np.array([unique[key] for key in keys], np.int64))
    _, order, inverse = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(order))[inverse].astype(np.int64)


def _numbers(hashes: Sequence[str]) -> npt.NDArray[np.uint64]:
    """Read hashes of 16 hexadecimal digits as numbers."""
    return np.frombuffer(bytes.fromhex("".join(hashes)), ">u8").astype(np.uint64)
