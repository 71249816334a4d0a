"""Photos of a folder or an archive, by its files: which of them are photos, and what they show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, NoReturn

from ...base import first_few
from ...errors import PhotosError, UnreadablePhoto
from .._photo import Photo, natural_key
from ..decoding import looks_like_photo, name_unread, why_not_photo, why_unread
from ..layout import read_layout
from ..stores import Skipped, Source

__all__ = ["Found", "find_photos"]

_SHOWN = 4
_MASK = re.compile(
    r"(?is)(?P<photo>.+)[-_. ](?:mask|seg|segmentation|trimap|ground_?truth|gt)(?:[-_ ]?\d+)?"
)


class Found(NamedTuple):
    """The photos of a folder or an archive, and the files that are none.

    `without_labels` has the splits and folds whose photos got none, with a sentence on why.
    """

    photos: Sequence[Photo]
    skipped: Sequence[Skipped]
    notes: Sequence[str] = ()
    labels_from: str = ""
    without_labels: Mapping[str, str] = {}


def find_photos(store: Source, *, labels: bool) -> Found:
    """Find the photos among all files, and label them by their paths.

    Parameters
    ----------
    store : Source
    labels : bool
        False when only the photos are wanted, whatever their layout.

    Raises
    ------
    PhotosError
        There is no photo, or the layout is ambiguous.
    """
    names: list[str] = []
    members, skipped = store.names(), store.hidden()
    around = _around_folders(members) if labels else set()
    for member in members:
        reason = _why_not_photo(store, member, around)
        if reason is None:
            names.append(member)
        else:
            skipped.append(Skipped(member, reason))
    if not names:
        _refuse_empty(store, skipped)
    names.sort(key=natural_key)
    if not labels:
        return Found([Photo(n) for n in names], skipped)
    masks = _masks(names)
    names = [name for name in names if name not in masks]
    skipped += [Skipped(name, "a mask of the photo beside it, by its name") for name in masks]
    layout = read_layout(names, str(store.location))
    notes = [*layout.notes, *_without_photos(store.folders(), names)]
    return Found(layout.photos, skipped, notes, layout.labels_from, layout.without_labels)


def _masks(names: Sequence[str]) -> set[str]:
    """Return the masks, where at least half of the photos have one beside them."""
    stems = {str(PurePosixPath(name).with_suffix("")): name for name in names}
    photo_of = {
        name: match["photo"]
        for stem, name in stems.items()
        if (match := _MASK.fullmatch(stem)) and match["photo"] in stems
    }
    photos = len(names) - len(photo_of)
    return set(photo_of) if 2 * len(set(photo_of.values())) >= photos else set()


def _refuse_empty(store: Source, skipped: Sequence[Skipped]) -> NoReturn:
    zips = [one.path for one in skipped if one.path.lower().endswith(".zip")]
    if zips and store.location.is_dir():
        number = "a zip" if len(zips) == 1 else f"{len(zips)} zips"
        raise PhotosError(
            f"{store.location}: no photos in it, but {number} ({', '.join(zips[:_SHOWN])}); give "
            f"the same command one of them, as in {store.location / zips[-1]}"
        )
    seen = f"; it holds {skipped[0].path!r} ({skipped[0].reason})" if skipped else ""
    raise PhotosError(f"{store.location}: no photos in it{seen}")


def _without_photos(folders: Sequence[str], names: Sequence[str]) -> list[str]:
    """Name the outermost folders that hold no photo: a class may be missing."""
    holding = {str(around) for name in names for around in PurePosixPath(name).parents}
    empty = [f for f in folders if f not in holding and str(PurePosixPath(f).parent) in holding]
    if not empty:
        return []
    return [f"folders without a photo: {first_few(empty, _SHOWN, str)}"]


def _around_folders(names: Iterable[str]) -> set[PurePosixPath]:
    """Return the folders that hold folders of files."""
    parents = {PurePosixPath(name).parent for name in names}
    return {around for parent in parents for around in parent.parents}


def _why_not_photo(store: Source, name: str, around: set[PurePosixPath]) -> str | None:
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
