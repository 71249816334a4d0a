"""Lists of photos: CSV and its kin, JSON, Parquet tables, and plain lists of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import PhotosError, UnreadablePhoto
from .._photo import Photo, is_none
from ..decoding import MAX_BYTES
from ..layout import SPLIT_NAMES, check_spellings, check_splits, plain_name, split_of, split_words
from ..stores import FolderStore
from ._columns import ColumnNames, ListColumns, find_columns
from ._file_finder import FileFinder, Finder
from ._json import JSON_SUFFIXES, json_rows
from ._known_names import as_split
from ._labels import check_writing, doubts_of_labels, labels_of_cell
from ._marks import is_one
from ._parquet import ParquetList
from ._repeated_headers import without_headers
from ._text import TEXT_SUFFIXES, text_rows

__all__ = [
    "BY_NAME",
    "LIST_SUFFIXES",
    "WORKBOOKS",
    "Listing",
    "list_rows",
    "read_list",
    "read_rows",
    "split_of_file",
]

LIST_SUFFIXES = (*TEXT_SUFFIXES, *JSON_SUFFIXES, ".parquet")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""Endings of spreadsheets, which are not read."""

BY_NAME = ColumnNames()
"""Columns are found by their names."""

_MAX_ROWS = 5_000_000
_NONE = "none"  # `NONE` of the label sets, a module that is built on lists
_SHOWN = 4
_LONGEST = 500  # characters of a label


class Listing(NamedTuple):
    """What a list says.

    Attributes
    ----------
    photos : list of Photo
    further : mapping of str to mapping of str to str
        Columns that are neither path, label nor split: name -> path -> text.
    notes : list of str
        How the list was read and what of it was not used, a sentence each.
    columns : ListColumns
        What was read from which column.
    """

    photos: list[Photo]
    further: Mapping[str, Mapping[str, str]]
    notes: list[str]
    columns: ListColumns = ListColumns(0)


def read_list(
    location: Path,
    *,
    labels: bool = True,
    columns: ColumnNames = BY_NAME,
) -> Listing:
    """Read a list of photos.

    Parameters
    ----------
    location : Path
        A table (CSV, TSV, JSON, JSON Lines, Parquet) with a column of photos and one of labels, or
        a column of 0 and 1 for each label; the same as text without a header; or one path a line.
        Several labels are joined by ``;`` or ``|``, or given as several rows of one photo.
    labels : bool
        False when only the photos are wanted.
    columns : ColumnNames
        Columns that a person named.

    Raises
    ------
    PhotosError
        The list cannot be read, or none of its photos is there; the message names the list, and
        the row or column.
    """
    store = FolderStore(location.parent)
    try:
        data = store.read(location.name)
    except UnreadablePhoto as error:
        raise PhotosError(f"{location}: {error}") from error
    rows, header = list_rows(data, location)
    finder = FileFinder(store)
    return read_rows(rows, finder, header=header, where=location, labels=labels, columns=columns)


def list_rows(data: bytes, where: Path) -> tuple[list[list[str]], bool]:
    """Read the cells of a list, and whether its first row is sure to name the columns.

    Parameters
    ----------
    data : bytes
        What the list's file holds.
    where : Path
        The list, whose ending tells its kind.

    Raises
    ------
    PhotosError
        The list cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise PhotosError(
            f"{where}: more than {MAX_BYTES:,} bytes are too many for a list; split it"
        )
    suffix = where.suffix.lower()
    if suffix == ".parquet":
        return ParquetList(data, where).text(), True
    if suffix in JSON_SUFFIXES:
        return json_rows(data, where), True
    return text_rows(data, where), False


def read_rows(
    rows: Sequence[Sequence[str]],
    finder: Finder,
    *,
    header: bool,
    where: Path,
    labels: bool,
    columns: ColumnNames = BY_NAME,
    split: str | None = None,
) -> Listing:
    """Read photos from the cells of a list; see `read_list`.

    Parameters
    ----------
    rows : sequence of sequence of str
    finder : Finder
        Finds the photos that the list names.
    header : bool
        Whether the first row is sure to name the columns.
    where : Path
        The list, for messages.
    labels, columns, split
        See `read_list`.
    """
    found, rows = find_columns(
        rows, finder.finds, columns, labels=labels, header=header, where=str(where)
    )
    if len(rows) > _MAX_ROWS:
        raise PhotosError(f"{where}: {len(rows):,} rows are too many for one list; split it")
    rows, again = without_headers(rows, found, finder.finds, str(where))
    reader = _Reader(where, finder, found, split)
    for number, row in enumerate(rows, start=1):
        reader.add(row, number)
    listing = reader.listing(labels)
    if again:
        left = "1 row is" if again == 1 else f"{again:,} rows are"
        listing.notes.append(f"{where.name}: {left} the header again, and left out")
    if labels:
        named = {x for photo in listing.photos for x in photo.labels}
        check_writing(named, str(where))
        check_spellings((x for x in named if not is_none(x)), str(where))
        check_splits(listing.photos, str(where))
    return listing


def split_of_file(place: Path) -> str | None:
    """Return the split that words of a file's name mean, or a folder that it is in.

    It is that of the first word, as in ``train_images.csv``, or the only one that there is, as in
    ``y_test.csv`` and ``trainLabels.csv``.
    """
    first = re.split(r"[^A-Za-z]", place.name)[0].lower()
    if first in SPLIT_NAMES:
        return SPLIT_NAMES[first]
    words = split_words(place.stem)
    folders = map(split_of, reversed(place.parts[:-1]))
    return words.pop() if len(words) == 1 else next((split for split in folders if split), None)


class _Reader:
    """Makes photos from the rows of a list, and notes what a person should know."""

    def __init__(
        self, where: Path, finder: Finder, columns: ListColumns, split: str | None
    ) -> None:
        self._where, self._finder, self._columns, self._split = where, finder, columns, split
        self._photos: dict[str, Photo] = {}
        self._shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # saves memory
        self._further: dict[str, dict[str, str]] = {n: {} for n in columns.further.values()}
        self._by_name: list[tuple[str, str]] = []
        self._missing: list[str] = []
        self._zeros: list[str] = []
        used = (columns.path, columns.label, columns.split, *columns.one_hot)
        self._fields = max(i for i in used if i is not None) + 1

    def add(self, row: Sequence[str], number: int) -> None:
        """Read one row; rows of one photo are joined."""
        self._check_width(row, number)
        name = row[self._columns.path]
        if not name:
            raise PhotosError(f"{self._where}: row {number} has no path")
        split = self._split_of(row, number)
        path = self._find(name, split, number)
        earlier = self._photos.get(path)
        if earlier is not None and earlier.split != split:
            raise PhotosError(f"{self._where}: {path!r} is in two splits (row {number})")
        before = earlier.labels if earlier else ()
        merged = tuple(dict.fromkeys((*before, *self._labels_of(row, path))))
        self._photos[path] = Photo(path, self._shared.setdefault(merged, merged), split)
        for i, column in self._columns.further.items():
            if len(row) > i and row[i]:
                values = self._further[column]
                seen = values.get(path, row[i])
                values[path] = row[i] if seen == row[i] else f"{seen};{row[i]}"

    def listing(self, labels: bool) -> Listing:
        """Return all photos.

        Raises
        ------
        PhotosError
            None of them is there.
        """
        photos = list(self._photos.values())
        if self._missing and len(self._missing) == len(photos):
            first = self._missing[0]
            raise PhotosError(
                f"{self._where}: none of its {len(photos):,} photos is there; for {first!r} "
                f"{self._finder.tried(first)}; write names as the files have them, move the list "
                "beside the files, or name the folder that holds both"
            )
        notes = [f"{self._where.name}: {note}" for note in self._notes(photos, labels)]
        return Listing(photos, self._further, notes, self._columns)

    def _check_width(self, row: Sequence[str], number: int) -> None:
        width = len(self._columns.names) or self._fields
        if len(row) < self._fields or any(row[width:]):
            raise PhotosError(
                f"{self._where}: row {number} has {len(row)} fields and not {width}; a value that "
                "holds the delimiter must stand in quotes"
            )

    def _split_of(self, row: Sequence[str], number: int) -> str | None:
        column = self._columns.split
        if column is None:
            return self._split
        split = as_split(self._columns.name(column), row[column])
        if split is None:
            raise PhotosError(
                f"{self._where}: row {number} has split {row[column]!r}; use train, valid or test"
            )
        return split or self._split

    def _find(self, name: str, split: str | None, number: int) -> str:
        try:
            path = self._finder.find(name, split)
        except PhotosError as error:
            raise PhotosError(f"{self._where}: row {number}: {error}") from error
        as_written = self._finder.as_written(name)
        if path is None and as_written not in self._photos:
            self._missing.append(name)
        elif path not in (None, as_written) and path not in self._photos:
            self._by_name.append((name, path or ""))
        return as_written if path is None else path

    def _labels_of(self, row: Sequence[str], path: str) -> Iterable[str]:
        columns = self._columns
        if columns.one_hot:
            labels = [plain_name(name) for i, name in columns.one_hot.items() if is_one(row[i])]
            if not labels:
                self._zeros.append(path)
            return labels or [_NONE]
        if columns.label is None:
            return ()
        try:
            labels = labels_of_cell(row[columns.label])
        except ValueError as error:
            raise PhotosError(
                f"{self._where}: the label of {path!r}, {row[columns.label][:60]!r}, {error}"
            ) from error
        long = next((label for label in labels if len(label) > _LONGEST), None)
        if long is not None:
            raise PhotosError(
                f"{self._where}: {path!r} has a label of {len(long):,} characters, "
                f"{long[:40]!r} ...; name the column of labels with --label-column"
            )
        return labels

    def _notes(self, photos: Sequence[Photo], labels: bool) -> Iterator[str]:
        total = f"of {len(photos):,} photos"
        yield self._columns.in_words()
        yield from self._columns.doubts
        if self._by_name:
            name, path = self._by_name[0]
            yield f"{len(self._by_name):,} {total} were found by name: {name!r} is {path!r}"
        if self._missing:
            first = self._missing[0]
            yield (
                f"{len(self._missing):,} {total} are not there; for {first!r} "
                f"{self._finder.tried(first)}"
            )
        if not labels:
            return
        several = [photo for photo in photos if len(photo.labels) > 1]
        if several:
            given = ", ".join(several[0].labels)
            yield f"{len(several):,} {total} have several labels, as {several[0].path!r}: {given}"
        bare = [photo.path for photo in photos if not photo.labels]
        if bare and len(bare) < len(photos):
            yield f"{len(bare):,} {total} have no label, as {bare[0]!r}"
        if self._zeros:
            yield (
                f"{len(self._zeros):,} {total} have a 0 for every label, as {self._zeros[0]!r}; "
                f"their label is {_NONE!r}"
            )
        yield from doubts_of_labels({label for photo in photos for label in photo.labels})
        if self._further:
            yield f"not used for labels: {', '.join(self._unused())}"

    def _unused(self) -> Iterator[str]:
        """Name the columns that are not used, the first of them with a value."""
        for name, values in list(self._further.items())[:_SHOWN]:
            example = next(iter(values.values()), "")
            yield f"column {name!r} ({len(values):,} values" + (
                f", as {example[:40]!r})" if example else ")"
            )
        if len(self._further) > _SHOWN:
            yield f"and {len(self._further) - _SHOWN:,} more columns"
