"""Groups of photos that belong together: photos of one subject, camera, burst or video."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from ._photo import Photo

    Ints = npt.NDArray[np.int64]

__all__ = ["given_groups", "join_groups"]


def given_groups(photos: Sequence[Photo]) -> Ints:
    """Number the groups that were given; a photo without one is a group of its own.

    Parameters
    ----------
    photos : sequence of Photo

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    keys = [(photo.group or "", "" if photo.group else photo.path) for photo in photos]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], np.int64)


def join_groups(*groups: Ints) -> Ints:
    """Join groups: photos are together if any of the numberings has them together, or through others.

    Parameters
    ----------
    *groups : ndarray of int64, shape (n,)
        Photos with the same number belong together.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n, nodes, ends = len(groups[0]), len(groups[0]), []
    for group in groups:
        _, member = np.unique(group, return_inverse=True)
        ends.append(nodes + member)
        nodes += int(member.max(initial=-1)) + 1
    photos = np.tile(np.arange(n), len(groups))
    edges = (np.ones(len(photos), bool), (photos, np.concatenate(ends)))
    _, component = connected_components(coo_matrix(edges, shape=(nodes, nodes)), directed=False)
    _, first, inverse = np.unique(component[:n], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def photos_by_group(photos: Iterable[Photo]) -> dict[str, list[Photo]]:
    """Return the photos of each group that was given, by its name, in the order of appearance."""
    named: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        if photo.group:
            named[photo.group].append(photo)
    return named
