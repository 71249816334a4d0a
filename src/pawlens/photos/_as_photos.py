"""What public functions take for photos: the table itself, or where it is read from."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ._photos import Photos
from .groups import with_groups

__all__ = ["PhotosLike", "as_photos"]

PhotosLike = Photos | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A table of photos, or what `Photos.read` reads one from."""


def as_photos(
    photos: PhotosLike,
    *,
    labels: bool = True,
    group: str | None = None,
    group_name: str | None = None,
    path_column: str | None = None,
    label_column: str | None = None,
) -> Photos:
    """Return a table of photos, read where a path or several are given, with their groups.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
    labels : bool
        False where only the photos are wanted, whatever their layout.
    group, group_name : str, optional
        How photos of one subject, camera, burst or video are known; see `Photos.read`.
    path_column, label_column : str, optional
        Columns of a list that is read; found by their names by default.

    Raises
    ------
    PhotosError
        The source is missing, empty, ambiguous or hostile.
    UsageError
        Groups cannot be told in this way.
    """
    if isinstance(photos, Photos):
        return with_groups(photos, group, group_name)
    return Photos.read(
        photos,
        labels=labels,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
