"""How a table of photos is read from what the user has: a folder, an archive, a list, files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ..errors import PhotosError, UnreadablePhoto
from ._decode import looks_like_photo
from ._layout import photos_from_names
from ._lists import LIST_SUFFIXES, read_list
from ._photo import Photo, natural_key
from ._stores import FolderStore, Store, ZipStore

if TYPE_CHECKING:
    import os

__all__ = ["Reading", "Skipped", "read_source"]

_PHOTO = re.compile(r"\.(jpg|jpeg|jpe|jfif|png|gif|webp|bmp|tif|tiff|heic|heif|mpo)", re.I)
_NEVER = re.compile(
    r"\.(txt|csv|tsv|json|jsonl|parquet|md|html|xml|yaml|yml|py|ipynb|log|onnx)", re.I
)
_ARCHIVE = re.compile(r"\.(zip|tar|gz|bz2|xz|7z|rar)", re.I)
_LISTS_IN_FOLDERS = ("*_list.txt", "*.csv", "*.tsv", "*.parquet")


class Skipped(NamedTuple):
    """A file among the photos that is not a photo."""

    path: str
    reason: str


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
    if looks_like_photo(head) or _PHOTO.fullmatch(path.suffix):
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
    names, skipped = [], []
    for member in store.names():
        reason = _why_not_photo(store, member)
        if reason is None:
            names.append(member)
        else:
            skipped.append(Skipped(member, reason))
    if not names:
        seen = f"; it holds {skipped[0].path!r} ({skipped[0].reason})" if skipped else ""
        raise PhotosError(f"{store.location}: no photos in it{seen}")
    names.sort(key=natural_key)
    rows = photos_from_names(names, str(store.location)) if labels else [Photo(n) for n in names]
    return Reading(rows, store, name, skipped)


def _why_not_photo(store: Store, name: str) -> str | None:
    suffix = PurePosixPath(name).suffix
    if _PHOTO.fullmatch(suffix):
        return None
    if _ARCHIVE.fullmatch(suffix):
        return "an archive inside; unpack it and name it by itself"
    if _NEVER.fullmatch(suffix):
        return "not a photo"
    try:
        return None if looks_like_photo(store.head(name)) else "not a photo"
    except UnreadablePhoto as error:
        return str(error)
