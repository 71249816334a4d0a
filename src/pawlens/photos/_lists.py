"""Lists of photos: CSV, TSV or Parquet tables, and plain lists of files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..base import check_regular
from ..errors import PhotosError
from ._layout import SPLIT_NAMES, check_splits
from ._photo import Photo

__all__ = ["LIST_SUFFIXES", "read_list"]

LIST_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
_PATH_NAMES = ("path", "file", "filename", "image", "photo")
_LABEL_NAMES = ("label", "labels", "class", "target")
_SEPARATOR = ";"


def read_list(location: Path, *, labels: bool = True) -> list[Photo]:
    """Read a list of photos.

    Parameters
    ----------
    location : Path
        CSV, TSV or Parquet with the columns ``path``, ``label`` and optionally ``split``; or the
        same without a header (path first); or one path a line. Several labels are joined with
        ``;`` or given as several rows of one path. Paths are relative to the list's folder.
    labels : bool
        False when only the photos are wanted; splits may then lack classes.

    Raises
    ------
    PhotosError
        The list cannot be read; the message names the list, and the line or column.
    """
    parquet = location.suffix.lower() == ".parquet"
    rows = _parquet_rows(location) if parquet else _text_rows(location)
    columns, rows = _columns(rows, location)
    if not rows:
        raise PhotosError(f"{location}: the list is empty")
    fields = max(columns.values()) + 1
    photos: dict[str, Photo] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # saves memory
    for number, row in enumerate(rows, start=1):
        if len(row) < fields:
            raise PhotosError(f"{location}: row {number} has {len(row)} fields and not {fields}")
        photo = _photo(row, columns, location, number)
        earlier = photos.get(photo.path)
        if earlier is not None and earlier.split != photo.split:
            raise PhotosError(f"{location}: {photo.path!r} is in two splits (row {number})")
        merged = tuple(dict.fromkeys((*(earlier.labels if earlier else ()), *photo.labels)))
        photos[photo.path] = Photo(photo.path, shared.setdefault(merged, merged), photo.split)
    merged_photos = list(photos.values())
    if labels:
        check_splits(merged_photos, str(location))
    return merged_photos


def _photo(row: Sequence[str], columns: dict[str, int], location: Path, number: int) -> Photo:
    path = row[columns["path"]].strip()
    if not path:
        raise PhotosError(f"{location}: row {number} has no path")
    labels: Iterable[str] = ()
    if "label" in columns:
        labels = (part.strip() for part in row[columns["label"]].split(_SEPARATOR))
    split = row[columns["split"]].strip().lower() if "split" in columns else ""
    if split and split not in SPLIT_NAMES:
        raise PhotosError(f"{location}: row {number} has split {split!r}; use train, valid or test")
    return Photo(path.replace("\\", "/"), tuple(x for x in labels if x), SPLIT_NAMES.get(split))


def _columns(rows: list[list[str]], location: Path) -> tuple[dict[str, int], list[list[str]]]:
    """Find the columns by the header, or by position where there is none."""
    header = [name.strip().lower() for name in rows[0]] if rows else []
    path = next((header.index(n) for n in _PATH_NAMES if n in header), None)
    if path is not None:
        columns = {"path": path}
        label = next((header.index(n) for n in _LABEL_NAMES if n in header), None)
        if label is not None:
            columns["label"] = label
        if "split" in header:
            columns["split"] = header.index("split")
        return columns, rows[1:]
    width = max(map(len, rows), default=1)
    if width > 3:
        raise PhotosError(
            f"{location}: {width} columns and no header; "
            "name them path, label and, if wanted, split"
        )
    return dict(zip(("path", "label", "split"), range(width), strict=False)), rows


def _text_rows(location: Path) -> list[list[str]]:
    try:
        check_regular(location)
        text = location.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PhotosError(
            f"{location}: not UTF-8 text ({error.reason}); save it as UTF-8"
        ) from error
    except OSError as error:
        raise PhotosError(f"{location}: cannot be read ({error.strerror})") from error
    delimiter = "\t" if "\t" in text.lstrip().partition("\n")[0] else ","
    if location.suffix.lower() == ".txt" and delimiter == ",":
        rows = [[line] for line in text.split("\n")]  # commas belong to the names
    else:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error as error:
            raise PhotosError(f"{location}: not a readable table ({error})") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def _parquet_rows(location: Path) -> list[list[str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        check_regular(location)
        table = pq.read_table(location)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise PhotosError(f"{location}: not a readable Parquet file ({reason})") from error
    columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    cells = zip(*columns, strict=True)
    return [list(table.column_names), *map(list, cells)] if table.num_rows else []


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return _SEPARATOR.join(map(str, value))
    return "" if value is None else str(value)
