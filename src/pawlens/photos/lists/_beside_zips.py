"""A list that lies beside the zip with its photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ...errors import PhotosError
from ..stores import FolderStore, ZipStore
from ._candidates import is_submission
from ._columns import ColumnNames
from ._file_finder import FileFinder
from ._lists import LIST_SUFFIXES, Listing, list_rows, read_rows

__all__ = ["ListOfZip", "list_beside_zips", "list_of_zip", "lists_beside"]


class ListOfZip(NamedTuple):
    """What a list says of photos in a zip."""

    listing: Listing
    store: ZipStore


def list_of_zip(path: Path, *, labels: bool, columns: ColumnNames) -> ListOfZip | None:
    """Read a list whose photos are in a zip beside it.

    Parameters
    ----------
    path : Path
        The list.
    labels : bool
        False when only the photos are wanted.
    columns : ColumnNames
        Columns that a person named.

    Returns
    -------
    ListOfZip or None
        None where no zip beside it has any of its photos.

    Raises
    ------
    PhotosError
        Several have some of them.
    """
    try:
        rows, header = list_rows(FolderStore(path.parent).read(path.name), path)
    except PhotosError:  # told by whoever reads it without a zip
        return None
    found: list[ListOfZip] = []
    for place in sorted(path.parent.iterdir()):
        if place.suffix.lower() != ".zip" or not place.is_file():
            continue
        try:
            store = ZipStore(place)
            listing = read_rows(
                rows, FileFinder(store), header=header, where=path, labels=labels, columns=columns
            )
        except PhotosError:
            continue
        note = f"{path.name}: the photos are in {place.name}"
        found.append(ListOfZip(listing._replace(notes=[*listing.notes, note]), store))
    if len(found) > 1:
        names = " and ".join(one.store.location.name for one in found)
        raise PhotosError(f"{path}: its photos are in {names}; unpack these beside the list")
    return found[0] if found else None


def list_beside_zips(
    folder: Path, names: Sequence[str], *, labels: bool, columns: ColumnNames
) -> ListOfZip | None:
    """Read the one list of a folder without photos, if it labels photos in a zip beside it.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        The files in it. A submission is no list of labels.
    labels, columns
        See `list_of_zip`.
    """
    lists = [one for one in names if PurePosixPath(one).suffix.lower() in LIST_SUFFIXES]
    lists = [one for one in lists if not is_submission(one)]
    if len(lists) != 1 or not any(one.lower().endswith(".zip") for one in names):
        return None
    found = list_of_zip(folder / lists[0], labels=labels, columns=columns)
    if found is None or (labels and not any(photo.labels for photo in found.listing.photos)):
        return None
    zips = [one for one in names if one.lower().endswith(".zip")]
    unread = [one for one in zips if folder / one != found.store.location]
    notes = [f"not read: {', '.join(unread)}; name one alone to read it"] if unread else []
    listing = found.listing._replace(notes=[*found.listing.notes, *notes])
    return found._replace(listing=listing)


def lists_beside(archive: Path) -> list[str]:
    """Return the names of the tables that lie beside an archive."""
    tables = set(LIST_SUFFIXES) - {".txt", ".json", ".parquet"}
    return sorted(one.name for one in archive.parent.iterdir() if one.suffix.lower() in tables)
