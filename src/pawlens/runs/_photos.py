"""The photos behind a finished run, as long as they lie where it read them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..errors import MissingExtra, PhotosError, UnreadablePhoto
from ..photos import Photo, Photos, jpeg
from ._run import Run

__all__ = ["THUMBNAIL", "check_unchanged", "small_jpeg", "stored_photos", "thumbnail"]

THUMBNAIL = 176
"""Pixels of the longer side of the photos on a page."""


def stored_photos(run: Run, location: str | Path | None = None) -> Photos | None:
    """The photos of a run, row by row as in its ``photos.parquet``.

    Parameters
    ----------
    run : Run
    location : path, optional
        Their folder or zip archive; where the run read them, as its ``environment.json`` says, by
        default.

    Returns
    -------
    Photos or None
        None where nothing is there any more.

    Raises
    ------
    PhotosError
        A `location` that was named does not exist.
    """
    known = location if location is not None else run.environment.get("photos")
    if known is None or not Path(known).exists():
        if location is not None:
            raise PhotosError(f"{location}: no such folder or zip; name where the photos lie")
        return None
    table = run.photos().to_pydict()
    rows = zip(table["path"], table["labels"], table["split"], strict=True)
    return Photos.at(Path(known), [Photo(path, tuple(names), split) for path, names, split in rows])


def check_unchanged(photos: Photos, rows: Sequence[int], sha256: Sequence[str]) -> None:
    """Make sure that some rows are still the photos of these contents.

    Raises
    ------
    PhotosError
        One is missing or another photo now; the message names the first.
    """
    from ..features import hash_photos

    some = photos.subset(rows)
    for path, now, known in zip(some.paths, hash_photos(some), sha256, strict=True):
        if now != known:
            what = "no longer the photo that the runs read" if now else "missing or unreadable"
            raise PhotosError(
                f"{photos.location}: {path!r} is {what}; put it back, or name the folder or zip "
                "that has it with --photos"
            )


def thumbnail(photos: Photos | None, path: str, sha256: str) -> bytes | None:
    """A small JPEG of a photo; None where it is not there any more or not the same."""
    if photos is None:
        return None
    try:
        data = photos.read_bytes(photos.paths.index(path))
        return small_jpeg(data) if hashlib.sha256(data).hexdigest() == sha256 else None
    except (UnreadablePhoto, MissingExtra):
        return None


def small_jpeg(data: bytes) -> bytes:
    """An encoded photo as a JPEG of `THUMBNAIL` pixels; errors are those of `decode`."""
    from ..photos import decode

    return jpeg(decode(data, min_side=THUMBNAIL), THUMBNAIL)
