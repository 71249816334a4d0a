"""What public functions take for photos: the table itself, or where it is read from."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ._photos import Photos

__all__ = ["PhotosLike", "as_photos"]

PhotosLike = Photos | str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A table of photos, or what `Photos.read` reads one from."""


def as_photos(
    photos: PhotosLike,
    *,
    labels: bool = True,
    path_column: str | None = None,
    label_column: str | None = None,
) -> Photos:
    """Return a table of photos as it is, and read it where a path or several are given.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
    labels : bool
        False where only the photos are wanted, whatever their layout.
    path_column, label_column : str, optional
        Columns of a list that is read; found by their names by default.

    Raises
    ------
    PhotosError
        The source is missing, empty, ambiguous or hostile.
    """
    if isinstance(photos, Photos):
        return photos
    return Photos.read(photos, labels=labels, path_column=path_column, label_column=label_column)
