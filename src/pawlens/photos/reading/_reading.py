"""How a table of photos is read from what the user has: a folder, an archive, a list, files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ...errors import PhotosError
from .._photo import Photo
from ..decoding import looks_like_photo, name_unread, why_not_photo
from ..layout import Told, check_splits
from ..lists import (
    BY_NAME,
    LIST_SUFFIXES,
    NO_LABEL,
    WORKBOOKS,
    ColumnNames,
    ListColumns,
    Listing,
    holds_pictures,
    list_beside_zips,
    list_of_zip,
    lists_beside,
    read_list,
    says_labels,
)
from ..stores import (
    FolderStore,
    RemoteStore,
    Skipped,
    Source,
    Store,
    ZipStore,
    address_of,
    without_secrets,
)
from ._folder_lists import choose_list
from ._folders import find_photos
from ._shard_folders import ShardFolders
from ._shard_lists import LabelsBeside
from ._shards import SHARD_SUFFIXES, ShardStore, is_compressed, shards_of

__all__ = ["Reading", "open_store", "read_source"]

_MAX_SHARDS = 100_000


class Reading(NamedTuple):
    """What was read: the rows, where their bytes are, and what a person should know of it."""

    photos: Sequence[Photo]
    store: Store
    name: str
    skipped: Sequence[Skipped] = ()
    notes: Sequence[str] = ()
    further: Mapping[str, Mapping[str, str]] = {}
    labels_from: str = ""
    from_list: bool = False


def read_source(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    labels: bool,
    columns: ColumnNames = BY_NAME,
) -> Reading:
    """Read a folder, an archive, shards, a list, one photo, or several photo files.

    Parameters
    ----------
    source : path or sequence of paths
    labels : bool
        False when only the photos are wanted, whatever their layout.
    columns : ColumnNames
        Columns of lists that a person named.

    Raises
    ------
    PhotosError
        The source is missing, empty, ambiguous or hostile.
    """
    reading = _read(source, labels, columns)
    if not reading.from_list and set(columns) - {None, NO_LABEL}:
        name = next(name for name in columns if name is not None)
        raise PhotosError(
            f"{reading.store.location}: no list was read that could have a column {name!r}; name "
            "the list instead of the folder, or leave the option out"
        )
    return reading


def _read(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    labels: bool,
    columns: ColumnNames,
) -> Reading:
    if not isinstance(source, str) and isinstance(source, Sequence):
        if any(address_of(one) for one in source):
            raise PhotosError("several addresses are not read at once; name the folder above them")
        return _from_files([Path(one) for one in source], labels, columns)
    if not os.fspath(source):
        raise PhotosError("the path of the photos is empty; write . for this folder")
    address = address_of(source)
    if address is not None:
        return _from_address(address, labels, columns)
    path = Path(source)
    if path.is_dir():
        return _from_folder(path, labels, columns)
    if not path.exists():
        shards = _expand(path)
        if not shards:
            raise PhotosError(f"{path}: no such file or folder")
        return _from_files(shards, labels, columns)
    if not path.is_file():
        raise PhotosError(f"{path}: neither a folder nor a regular file; name one of these")
    suffix = path.suffix.lower()
    if suffix == ".tar" or (suffix == ".parquet" and holds_pictures(path, path)):
        return _from_shards(path, [path], labels, columns)
    if suffix in LIST_SUFFIXES:
        return _from_list(path, labels, columns)
    if suffix in WORKBOOKS:
        raise PhotosError(f"{path}: a workbook is not read; save it as CSV (UTF-8)")
    head = FolderStore(path.parent).head(path.name)
    is_photo = looks_like_photo(head) or name_unread(head, path.name) is not None
    if is_photo or why_not_photo(path.name) == "":
        return _from_files([path], labels, columns)
    if head[:2] != b"PK":
        mend = "; it is compressed: unpack it" if is_compressed(path) else ""
        raise PhotosError(
            f"{path}: not a folder, zip, tar, list (CSV, TSV, JSON, Parquet) or photo{mend}"
        )
    reading = _from_store(ZipStore(path), path.stem, labels, columns)
    beside = lists_beside(path) if labels and not any(p.labels for p in reading.photos) else []
    if not beside:
        return reading
    note = f"lists beside it were not read ({', '.join(beside)}); name one to take its labels"
    return reading._replace(notes=[*reading.notes, note])


def open_store(location: Path, paths: Sequence[str]) -> Store:
    """Open what photos of these paths were read from.

    Raises
    ------
    PhotosError
        The archive cannot be read.
    """
    address = address_of(location)
    if address is not None:
        return RemoteStore(address)
    if location.is_dir():
        shards = shards_of(location, paths)
        return ShardStore(location, shards) if shards else FolderStore(location)
    if location.suffix.lower() in SHARD_SUFFIXES:
        return ShardStore(location, [location])
    return ZipStore(location)


def _from_address(address: str, labels: bool, columns: ColumnNames) -> Reading:
    name = PurePosixPath(without_secrets(address)).name
    store = RemoteStore(address)
    why_not = why_not_photo(name)
    if why_not is not None and store.is_file():
        if why_not == "":
            return Reading([Photo(name)], store.of_one(name), PurePosixPath(name).stem)
        raise PhotosError(
            f"{store.location}: {why_not}; name the folder that it lies in, or copy it here first"
        )
    return _from_store(store, name, labels, columns)


def _from_list(path: Path, labels: bool, columns: ColumnNames) -> Reading:
    """Read a list of files beside it, or in a zip beside it where no file is."""
    try:
        listing = read_list(path, labels=labels, columns=columns)
    except PhotosError:
        found = list_of_zip(path, labels=labels, columns=columns)
        if found is None:
            raise
        return _from_listing(found.listing, found.store, path.stem)
    return _from_listing(listing, FolderStore(path.parent), path.stem)


def _from_files(files: Sequence[Path], labels: bool, columns: ColumnNames) -> Reading:
    missing = next((f for f in files if not f.is_file()), None)
    if missing is not None:
        what = "not a regular file" if missing.exists() else "no such file"
        what = "a folder" if missing.is_dir() else what
        raise PhotosError(f"{missing}: {what}; name one folder, zip or list alone, or photo files")
    if not files:
        raise PhotosError("no photos were given")
    if all(file.suffix.lower() in SHARD_SUFFIXES for file in files):
        folder = Path(os.path.commonpath([file.parent for file in files]))
        return _from_shards(folder, files, labels, columns)
    return Reading([Photo(str(f)) for f in files], FolderStore(Path()), files[0].stem)


def _from_folder(folder: Path, labels: bool, columns: ColumnNames) -> Reading:
    store, name = FolderStore(folder), folder.resolve().name
    names = store.names()
    if not any(why_not_photo(name) == "" for name in names):
        shards = [folder / name for name in names if name.lower().endswith(SHARD_SUFFIXES)]
        shards = [one for one in shards if one.suffix.lower() == ".tar" or holds_pictures(one, one)]
        if shards:
            lists = [n for n in names if n.lower().endswith(LIST_SUFFIXES)]
            lists = [one for one in lists if folder / one not in shards]
            return _from_shards(folder, shards, labels, columns, lists)
        found = list_beside_zips(folder, names, labels=labels, columns=columns)
        if found is not None:
            return _from_listing(found.listing, found.store, name)
    return _from_store(store, name, labels, columns)


def _from_shards(
    location: Path,
    shards: Sequence[Path],
    labels: bool,
    columns: ColumnNames,
    lists: Sequence[str] = (),
) -> Reading:
    store = ShardStore(location, shards, columns.path)
    name = location.resolve().stem
    folders, beside = ShardFolders(store, lists), LabelsBeside(store)
    by_folder = folders.class_folders() if labels and beside.some else {}
    named = columns.label not in (None, NO_LABEL) and beside.some
    if named or (beside.most and not beside.only_describe(by_folder)):
        listing = beside.read(labels=labels, columns=columns, by_folder=by_folder)
        return _from_listing(listing, store, name)._replace(skipped=store.hidden())
    try:
        reading = _from_store(folders, name, labels, columns)
    except PhotosError as error:
        raise PhotosError(folders.named(str(error))) from error
    if beside.some and labels and not any(photo.labels for photo in reading.photos):
        listing = beside.read(labels=True, columns=columns, by_folder={})
        return _from_listing(listing, store, name)._replace(skipped=store.hidden())
    return reading._replace(
        photos=folders.photos(reading.photos, splits=labels),
        store=store,
        skipped=[one._replace(path=folders.in_store(one.path)) for one in reading.skipped],
        notes=[*reading.notes, *([beside.in_words()] if beside.some and labels else [])],
        further={
            column: {folders.in_store(path): text for path, text in cells.items()}
            for column, cells in reading.further.items()
        },
    )


def _from_store(store: Source, name: str, labels: bool, columns: ColumnNames) -> Reading:
    """Read the photos of a folder or an archive by a list among them, or else by their paths."""
    if not labels:
        found = find_photos(store, labels=False)
        return Reading(found.photos, store, name, found.skipped)
    try:
        found, ambiguous = find_photos(store, labels=True), None
    except PhotosError as error:  # a list may tell what the layout does not
        found, ambiguous = find_photos(store, labels=False), error
    told = Told(found.photos)
    choice = choose_list(store, told, columns)
    lists = {*choice.used, *(one.path for one in choice.skipped)}
    skipped = [*(one for one in found.skipped if one.path not in lists), *choice.skipped]
    if choice.listing is None:
        if ambiguous is not None:
            raise ambiguous
        return Reading(
            choice.photos,
            store,
            name,
            skipped,
            [*found.notes, *_unlabelled_parts(found.without_labels, choice.photos), *choice.notes],
            choice.further,
            labels_from=found.labels_from,
            from_list=choice.any_list,
        )
    used = " or ".join(choice.used)
    listing = _in_split_folders(choice.listing, found.photos, store)
    notes = [*listing.notes, *choice.notes]
    if ambiguous is not None:
        _refuse_doubtful(listing.columns, columns, ambiguous)
        why = str(ambiguous).removeprefix(f"{store.location}: ")
        notes.append(f"folders are not used for labels: {why}")
    listed = {photo.path for photo in listing.photos}
    others = [photo for photo in found.photos if photo.path not in listed]
    bare = [photo for photo in others if told.labels and not photo.labels]
    left = [photo.path for photo in others if photo.labels or not told.labels]
    skipped += [Skipped(path, f"not in {used}") for path in left]
    if left:
        notes.append(f"{len(left):,} photos are not in {used}, as {left[0]!r}")
    rows = [*listing.photos, *bare]
    return Reading(rows, store, name, skipped, notes, choice.further, from_list=True)


def _unlabelled_parts(why: Mapping[str, str], photos: Sequence[Photo]) -> list[str]:
    """Say why splits and folds are without labels, where no list has told those since."""
    labelled = {part for photo in photos if photo.labels for part in (photo.split, photo.fold)}
    return [sentence for part, sentence in why.items() if part not in labelled]


def _refuse_doubtful(found: ListColumns, wanted: ColumnNames, ambiguous: PhotosError) -> None:
    """Refuse what folders tell, if a list has labels by a column that may be something else."""
    if wanted.label is None and found.label is not None and found.names:
        name = found.name(found.label)
        if not says_labels(found, ""):
            raise PhotosError(f"{ambiguous}; or take the labels of a list, --label-column {name}")


def _in_split_folders(listing: Listing, photos: Sequence[Photo], store: Store) -> Listing:
    """Give the photos of a list that tells no splits those of the folders that they lie in."""
    split = {photo.path: photo.split for photo in photos}
    if any(photo.split for photo in listing.photos) or not any(split.values()):
        return listing
    rows = [replace(photo, split=split.get(photo.path)) for photo in listing.photos]
    check_splits(rows, str(store.location))
    return listing._replace(photos=rows)


def _from_listing(listing: Listing, store: Store, name: str) -> Reading:
    return Reading(listing.photos, store, name, (), listing.notes, listing.further, from_list=True)


def _expand(pattern: Path) -> list[Path]:
    """Return the shards that a pattern names, as ``shard-{000000..000012}.tar`` or ``s-*.tar``."""
    braces = re.search(r"\{(\d+)\.\.(\d+)\}", pattern.name)
    if braces:
        first, last = braces.groups()
        count = min(int(last) - int(first) + 1, _MAX_SHARDS)
        head, tail = pattern.name[: braces.start()], pattern.name[braces.end() :]
        numbers = (str(int(first) + i).zfill(len(first)) for i in range(count))
        return [pattern.with_name(f"{head}{number}{tail}") for number in numbers]
    if "*" in pattern.name and pattern.suffix.lower() in SHARD_SUFFIXES:
        return sorted(pattern.parent.glob(pattern.name))
    return []
