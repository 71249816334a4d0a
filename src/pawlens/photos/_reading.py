"""How a table of photos is read from what the user has: a folder, an archive, a list, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ..errors import PhotosError
from ._folders import find_photos
from ._formats import looks_like_photo, name_unread, why_not_photo
from ._lists import LIST_SUFFIXES, read_list
from ._photo import Photo
from ._stores import FolderStore, Skipped, Store, ZipStore

if TYPE_CHECKING:
    import os

__all__ = ["Reading", "read_source"]

_LISTS_IN_FOLDERS = ("*_list.txt", "*.csv", "*.tsv", "*.parquet")


class Reading(NamedTuple):
    """What was read: the rows, where their bytes are, and what a person should know of it."""

    photos: Sequence[Photo]
    store: Store
    name: str
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()
    further: Mapping[str, Mapping[str, str]] = {}


def read_source(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], *, labels: bool
) -> Reading:
    """Read a folder, a zip archive, a list, one photo, or several photo files.

    Parameters
    ----------
    source : path or sequence of paths
    labels : bool
        False when only the photos are wanted, whatever their layout.

    Raises
    ------
    PhotosError
        The source is missing, empty, ambiguous or hostile.
    """
    if not isinstance(source, str) and isinstance(source, Sequence):
        return _from_files([Path(one) for one in source])
    path = Path(source)
    if path.is_dir():
        return _from_folder(path, labels)
    if not path.exists():
        raise PhotosError(f"{path}: no such file or folder")
    if path.suffix.lower() in LIST_SUFFIXES:
        return Reading(read_list(path, labels=labels), FolderStore(path.parent), path.stem)
    head = FolderStore(path.parent).head(path.name)
    is_photo = looks_like_photo(head) or name_unread(head, path.name) is not None
    if is_photo or why_not_photo(path.name) == "":
        return _from_files([path])
    if head[:2] != b"PK":
        raise PhotosError(f"{path}: not a folder, zip, list (CSV, TSV, Parquet) or photo")
    return _from_store(ZipStore(path), path.stem, labels)


def _from_files(files: Sequence[Path]) -> Reading:
    missing = next((f for f in files if not f.is_file()), None)
    if missing is not None:
        what = "a folder" if missing.is_dir() else "no such file"
        raise PhotosError(f"{missing}: {what}; name one folder, zip or list alone, or photo files")
    if not files:
        raise PhotosError("no photos were given")
    return Reading([Photo(str(f)) for f in files], FolderStore(Path()), files[0].stem)


def _from_folder(folder: Path, labels: bool) -> Reading:
    read = _from_store(FolderStore(folder), folder.resolve().name, labels)
    if not labels or any(photo.labels for photo in read.photos):
        return read
    lists = sorted(path for pattern in _LISTS_IN_FOLDERS for path in folder.glob(pattern))
    if len(lists) > 1:
        raise PhotosError(
            f"{folder}: photos without class folders and {len(lists)} lists "
            f"({', '.join(p.name for p in lists)}); name the list instead of the folder"
        )
    if not lists:
        return read
    listed = read_list(lists[0], labels=labels)
    in_list = {PurePosixPath(photo.path).as_posix() for photo in listed}
    beside = [
        Skipped(photo.path, f"not in {lists[0].name}")
        for photo in read.photos
        if photo.path not in in_list
    ]
    return read._replace(photos=listed, skipped=[*read.skipped, *beside])


def _from_store(store: Store, name: str, labels: bool) -> Reading:
    found = find_photos(store, labels=labels)
    return Reading(found.photos, store, name, found.skipped)
