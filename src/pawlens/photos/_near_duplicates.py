"""Near-duplicates: photos that show the same picture, found by their perceptual hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ._scan import Scan

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["near_duplicate_groups"]

_MAX_DISTANCE = 6
_BITS = 64


def near_duplicate_groups(scans: Sequence[Scan], *, max_distance: int = _MAX_DISTANCE) -> Ints:
    """Group photos that show the same picture, as it is or mirrored.

    They have equal bytes, or perceptual hashes that are close.

    Parameters
    ----------
    scans : sequence of Scan
    max_distance : int
        Largest Hamming distance (of 64 bits) between near-duplicates, at most 7. Candidates are
        found by equal bytes of the hash (the pigeonhole principle: of 8 bytes at least one is
        equal), so the work does not grow with the square of the number of photos.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    keys = [s.phash or s.sha256 or f"row {i}" for i, s in enumerate(scans)]
    unique = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    hashed = {k: i for k, i in unique.items() if len(k) == _BITS // 4}
    mirrors = {s.phash: s.mirrored for s in scans if s.mirrored}
    nodes = np.fromiter(hashed.values(), np.int64, len(hashed))
    # The mirror image of a photo stands for the photo: what is close to either is close to it.
    nodes = np.concatenate([nodes, [hashed[key] for key in mirrors]]).astype(np.int64)
    first, second = _close_pairs([*hashed, *mirrors.values()], max_distance)
    ends = (np.ones(len(first), bool), (nodes[first], nodes[second]))
    _, component = connected_components(coo_matrix(ends, shape=(len(unique),) * 2), directed=False)
    groups = component[[unique[key] for key in keys]]
    _, order, inverse = np.unique(groups, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(order))[inverse].astype(np.int64)


def _close_pairs(hashes: Sequence[str], max_distance: int) -> tuple[Ints, Ints]:
    """Find pairs of different hashes within the distance, each pair at least once."""
    values = np.array([int(h, 16) for h in hashes], np.uint64)
    pieces = values[:, None] >> np.arange(0, _BITS, 8, dtype=np.uint64) & np.uint64(0xFF)
    pairs: list[tuple[Ints, Ints]] = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    for piece in pieces.T:
        order = np.argsort(piece, kind="stable")
        starts = np.flatnonzero(np.diff(piece[order], prepend=np.uint64(256)))
        for bucket in np.split(order, starts[1:]):
            pairs += _pairs_in_bucket(values, bucket, max_distance)
    return np.concatenate([f for f, _ in pairs]), np.concatenate([s for _, s in pairs])


def _pairs_in_bucket(
    values: npt.NDArray[np.uint64], bucket: Ints, max_distance: int, block: int = 512
) -> list[tuple[Ints, Ints]]:
    pairs = []
    for start in range(0, len(bucket), block):
        rows = bucket[start : start + block]
        distance = np.bitwise_count(values[rows, None] ^ values[bucket[start:]][None, :])
        first, second = np.nonzero(distance <= max_distance)
        later = second > first
        pairs.append((rows[first[later]], bucket[start + second[later]]))
    return pairs
