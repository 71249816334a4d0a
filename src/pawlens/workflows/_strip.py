"""Copies of photos without their metadata."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base import (
    Progress,
    Watcher,
    cell,
    cores,
    make_folder,
    ordered_map,
    tell,
    watched,
    write_atomic,
)
from ..errors import MissingExtra, UnreadablePhoto, UsageError
from ..photos import Photos, PhotosLike, as_photos, decode, private_facts, without_metadata

__all__ = ["STRIPPED_TABLE", "StrippedPhoto", "strip"]

STRIPPED_TABLE = "stripped.csv"


@dataclass(frozen=True)
class StrippedPhoto:
    """What became of one photo.

    Attributes
    ----------
    path : str
        Path of the photo.
    file : str
        Path of its copy in the folder; empty where there is none.
    status : str
        ``ok``; ``saved anew`` where the format's parts cannot be taken out, so that the copy is a
        PNG of the decoded pixels; or why there is no copy.
    removed : tuple of str
        What its metadata gave away and its copy does not, never the values.
    """

    path: str
    file: str
    status: str
    removed: tuple[str, ...] = ()


def strip(photos: PhotosLike, out: str | Path, *, progress: Watcher = None) -> list[StrippedPhoto]:
    """Write copies of photos without metadata: no place, no serial number, no name, no small copy.

    Pixels of JPEG, PNG, WebP and GIF are not encoded anew: parts of the file are left out. Other
    formats are saved anew as PNG.
    How a photo is turned and its colour profile stay. Every copy is decoded and compared with its
    photo before it is written, and looked through for what must not be in it. Photos are never
    changed and no file is overwritten.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
    out : path
        The folder of the copies, which have the paths of the photos; ``stripped.csv`` in it has a
        row for each.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    list of StrippedPhoto
        A row for each photo, also for one that has no copy.

    Raises
    ------
    PhotosError
        The photos are missing, or are none.
    UsageError
        The folder holds the table of an earlier time, or the photos themselves.
    RunError
        The folder cannot be written.

    Examples
    --------
    >>> from pawlens import strip
    >>> rows = strip("photos/test", "shared")
    >>> [(row.file, row.status) for row in rows][:2]
    [('1.jpg', 'ok'), ('2.jpg', 'ok')]
    """
    table, folder = as_photos(photos, labels=False), Path(out)
    if folder.resolve() in {place.parent for place in _places(table)}:
        raise UsageError(
            f"{folder}: the photos themselves lie there, and copies among them would be taken for "
            "photos; choose another folder with --out"
        )
    make_folder(folder)
    if (folder / STRIPPED_TABLE).exists():
        raise UsageError(
            f"{folder / STRIPPED_TABLE}: is there already, and nothing is overwritten; choose "
            "another folder with --out"
        )
    with watched(progress) as told:
        rows = _strip_all(table, folder, told)
    write_atomic(folder / STRIPPED_TABLE, _as_csv(rows).encode())
    return rows


def _places(table: Photos) -> list[Path]:
    """Return where the photos lie; nothing for those of an archive."""
    root = table.location if table.location.is_dir() else table.location.parent
    return [place.resolve() for path in table.paths if (place := root / path).is_file()]


def _strip_all(table: Photos, folder: Path, progress: Progress | None) -> list[StrippedPhoto]:
    rows = []
    work = ordered_map(lambda row: _strip(table, row, folder), range(len(table)), workers=cores())
    for row in work:
        rows.append(row)
        tell(progress, "stripping", len(rows), len(table))
    return rows


def _strip(table: Photos, row: int, folder: Path) -> StrippedPhoto:
    path = table[row].path
    try:
        data = table.read_bytes(row)
        removed = private_facts(data)
        copy, kind = without_metadata(data)
        anew = kind == "PNG" and not data.startswith(b"\x89PNG")
        _prove(data, copy)
    except (UnreadablePhoto, MissingExtra) as error:
        return StrippedPhoto(path, "", f"no copy: {error}")
    file = f"{path}.png" if anew else path
    place = folder / file
    if not place.resolve().is_relative_to(folder.resolve()):
        return StrippedPhoto(path, "", "no copy: its path leads out of the folder")
    if place.exists():
        return StrippedPhoto(path, "", "no copy: the folder has a file of that name")
    make_folder(place.parent)
    write_atomic(place, copy)
    return StrippedPhoto(path, file, "saved anew" if anew else "ok", removed)


def _prove(data: bytes, copy: bytes) -> None:
    """Refuse a copy that shows something else, or still tells what it must not.

    Raises
    ------
    UnreadablePhoto
    """
    if not np.array_equal(decode(data), decode(copy)):
        raise UnreadablePhoto("the copy would not show the same pixels")
    left = private_facts(copy)
    if left:
        raise UnreadablePhoto(f"the copy would still tell {left[0]}")


def _as_csv(rows: list[StrippedPhoto]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "file", "status", "removed"))
    for row in rows:
        parts = (row.path, row.file, row.status, "; ".join(row.removed))
        writer.writerow([cell(part) for part in parts])
    return text.getvalue()
