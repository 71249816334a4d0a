"""Photos of a folder or an archive, by its files: which of them are photos, and what they show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ..errors import PhotosError, UnreadablePhoto
from ._formats import looks_like_photo, name_unread, why_not_photo, why_unread
from ._layout import photos_from_names
from ._photo import Photo, natural_key
from ._stores import Skipped, Store

__all__ = ["Found", "find_photos"]


class Found(NamedTuple):
    """The photos of a folder or an archive, and the files that are none."""

    photos: Sequence[Photo]
    skipped: Sequence[Skipped]


def find_photos(store: Store, *, labels: bool) -> Found:
    """Find the photos among all files, and label them by their paths.

    Parameters
    ----------
    store : Store
    labels : bool
        False when only the photos are wanted, whatever their layout.

    Raises
    ------
    PhotosError
        There is no photo, or the layout is ambiguous.
    """
    names, skipped = [], []
    members = store.names()
    around = _around_folders(members) if labels else set()
    for member in members:
        reason = _why_not_photo(store, member, around)
        if reason is None:
            names.append(member)
        else:
            skipped.append(Skipped(member, reason))
    if not names:
        seen = f"; it holds {skipped[0].path!r} ({skipped[0].reason})" if skipped else ""
        raise PhotosError(f"{store.location}: no photos in it{seen}")
    names.sort(key=natural_key)
    rows = photos_from_names(names, str(store.location)) if labels else [Photo(n) for n in names]
    return Found(rows, skipped)


def _around_folders(names: Iterable[str]) -> set[PurePosixPath]:
    """Return the folders that hold folders of files."""
    parents = {PurePosixPath(name).parent for name in names}
    return {around for parent in parents for around in parent.parents}


def _why_not_photo(store: Store, name: str, around: set[PurePosixPath]) -> str | None:
    """Say why a file is no photo, or None; a logo or a film beside class folders is none."""
    reason = why_not_photo(name)
    if reason is not None:
        return reason or None
    try:
        head = store.head(name)
    except UnreadablePhoto as error:
        return str(error)
    unread = name_unread(head, name)
    if unread is not None:
        return why_unread(unread) if PurePosixPath(name).parent in around else None
    return None if looks_like_photo(head) else "not a photo"
