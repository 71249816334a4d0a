"""Finding the photos of a finished run again, and checking that they are unchanged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..errors import MissingExtra, PhotosError, UnreadablePhoto
from ..photos import Photo, Photos, Thumbnail, address_of, make_thumbnail, trim

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ._run import Run

__all__ = [
    "check_unchanged",
    "decoded",
    "on_readable",
    "still_readable",
    "stored_photos",
    "thumbnail",
]

Result = TypeVar("Result")

_GRAPH_SIDE = 512  # pixels of the shorter side: a graph holds several pictures in 32-bit floats


def stored_photos(run: Run, location: str | Path | None = None) -> Photos | None:
    """Open the photos of a run, row by row as in its ``photos.parquet``.

    Parameters
    ----------
    run : Run
    location : path, optional
        Their folder or zip archive; where the run read them, as its ``environment.json`` says, by
        default.

    Returns
    -------
    Photos or None
        The photos; None where nothing is left at the location.

    Raises
    ------
    PhotosError
        A `location` that was named does not exist.
    """
    place = location if location is not None else run.environment.get("photos")
    if place is None or not (address_of(place) or Path(place).exists()):
        if location is not None:
            raise PhotosError(f"{location}: no such folder or zip; name where the photos lie")
        return None
    table = run.photos().to_pydict()
    rows = zip(table["path"], table["labels"], table["split"], strict=True)
    return Photos.at(Path(place), [Photo(path, tuple(names), split) for path, names, split in rows])


def check_unchanged(photos: Photos, rows: Sequence[int], sha256: Sequence[str]) -> None:
    """Check that rows still hold the photos of these contents.

    Raises
    ------
    PhotosError
        A photo is missing or has changed; the message names the first one.
    """
    from ..features import hash_photos

    checked = photos.subset(rows)
    for path, now, expected in zip(checked.paths, hash_photos(checked), sha256, strict=True):
        if now != expected:
            what = "no longer the photo that the runs read" if now else "missing or unreadable"
            raise PhotosError(
                f"{photos.location}: {path!r} is {what}; put it back, or name the folder or zip "
                "that has it with --photos"
            )


def thumbnail(photos: Photos | None, path: str, sha256: str) -> Thumbnail:
    """Make a small JPEG of a photo, or say why not: it may be gone, or have changed."""
    if photos is None:
        return Thumbnail(b"", problem="not at hand")
    return make_thumbnail(photos, photos.paths.index(path), sha256=sha256)


def decoded(photos: Photos, row: int, *, trimmed: bool) -> npt.NDArray[np.uint8]:
    """Decode a photo for a graph: not too large, and without a border marked for trimming."""
    pixels = photos.decode(row, min_side=_GRAPH_SIDE)
    return trim(pixels) if trimmed else pixels


def still_readable(photos: Photos, rows: Sequence[int]) -> list[int]:
    """Return the rows that can still be decoded; photos may vanish while a model trains."""
    readable = []
    for row in rows:
        with suppress(UnreadablePhoto, MissingExtra):
            photos.decode(row)
            readable.append(row)
    return readable


def on_readable(
    photos: Photos, rows: Sequence[int], prove: Callable[[list[int]], Result]
) -> tuple[Result, list[str]]:
    """Call `prove` with those rows that can be decoded, again where one vanishes meanwhile.

    Returns
    -------
    result
        The return value of `prove`.
    list of str
        Paths of the rows that were left out.

    Raises
    ------
    PhotosError
        None of them can be decoded any more.
    """
    readable = list(rows)
    while readable := still_readable(photos, readable):
        try:
            result = prove(readable)
        except UnreadablePhoto:
            continue
        return result, [photos.paths[row] for row in rows if row not in readable]
    raise PhotosError(
        f"{photos.location}: none of the photos that are to prove the exported model can be read "
        "any more; put them back and start the run again"
    )
