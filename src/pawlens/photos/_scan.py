"""One pass over all photos: content hash, size, format, perceptual hash, and what is wrong."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .._errors import MissingExtra, RunError, UnreadablePhoto
from .._files import make_folder
from .._parallel import Progress, cores, ordered_map
from ._decode import decode, probe
from ._photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Scan", "scan_photos"]

_HASH_SIDE = 32
_COMMIT_EVERY = 2000
_SCHEMA = """CREATE TABLE IF NOT EXISTS scan (
    sha256 TEXT PRIMARY KEY, width INTEGER, height INTEGER, format TEXT, phash TEXT, problem TEXT
)"""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a photo's bytes tells.

    Attributes
    ----------
    sha256 : str
        Of the encoded bytes; empty when they could not be read.
    width, height : int
        In pixels, as encoded; 0 when unreadable.
    format : str
        By content, for example ``"JPEG"``; empty when unreadable.
    phash : str
        64-bit perceptual hash in hexadecimal (DCT of a 32 x 32 grey thumbnail, Zauner 2010, by
        imagehash); empty when unreadable.
    problem : str
        Why the photo cannot be decoded; empty when it can.
    """

    sha256: str
    width: int = 0
    height: int = 0
    format: str = ""
    phash: str = ""
    problem: str = ""


def scan_photos(
    photos: Photos, *, cache_dir: Path | None = None, progress: Progress | None = None
) -> list[Scan]:
    """Scan every photo; results are kept by content, so that a photo is decoded once.

    Parameters
    ----------
    photos : Photos
    cache_dir : Path, optional
        Where ``scans.sqlite`` is kept. None keeps nothing.
    progress : callable, optional

    Returns
    -------
    list of Scan
        One a row. A photo that cannot be decoded has its `problem` set; nothing is raised.
    """
    known = _Known(cache_dir)
    found = []
    with closing(known):
        work = ordered_map(
            lambda i: _scan_row(photos, i, known), range(len(photos)), workers=cores()
        )
        for done, (scan, fresh) in enumerate(work, start=1):
            if fresh and not scan.problem:
                known.add(scan)
            found.append(known.get(scan.sha256) or scan)  # equal contents share one object
            if progress is not None:
                progress("scanning photos", done, len(photos))
    return found


def _scan_row(photos: Photos, row: int, known: _Known) -> tuple[Scan, bool]:
    try:
        data = photos.read_bytes(row)
    except UnreadablePhoto as error:
        return Scan("", problem=str(error)), True
    digest = hashlib.sha256(data).hexdigest()
    scan = known.get(digest)
    return (scan, False) if scan is not None else (_scan_bytes(digest, data), True)


def _scan_bytes(digest: str, data: bytes) -> Scan:
    try:
        kind, width, height = probe(data)
        pixels = decode(data, min_side=_HASH_SIDE)
    except (UnreadablePhoto, MissingExtra) as error:
        return Scan(digest, problem=str(error))
    return Scan(digest, width, height, kind, perceptual_hash(pixels))


def perceptual_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """64-bit perceptual hash of uint8 [H, W, 3] pixels, 16 hexadecimal digits."""
    import imagehash
    from PIL import Image

    return str(imagehash.phash(Image.fromarray(pixels)))


class _Known:
    """Scans of earlier runs, by content hash; one writer at a time, kept by SQLite.

    What could not be read is tried anew each time: the next version may be able to.
    """

    def __init__(self, cache_dir: Path | None) -> None:
        self._fresh = 0
        self._scans: dict[str, Scan] = {}
        self._db: sqlite3.Connection | None = None
        if cache_dir is None:
            return
        make_folder(cache_dir)
        self._path = cache_dir / "scans.sqlite"
        with self._writing():
            try:
                self._load()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # damaged: it only saves time, so begin anew beside it
                if self._db is not None:
                    self._db.close()
                self._path.replace(self._path.with_suffix(".damaged"))
                self._load()

    def _load(self) -> None:
        self._db = sqlite3.connect(self._path, timeout=60)
        self._db.execute(_SCHEMA)
        rows = self._db.execute("SELECT * FROM scan WHERE problem = ''")
        self._scans = {row[0]: Scan(*row) for row in rows}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._db is not None:
                self._db.close()
                self._db = None
            raise RunError(
                f"{self._path}: cannot be used ({error}); free space or choose another folder "
                "with --cache-dir"
            ) from error

    def get(self, digest: str) -> Scan | None:
        return self._scans.get(digest)

    def add(self, scan: Scan) -> None:
        self._scans.setdefault(scan.sha256, scan)
        if self._db is None:
            return
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO scan VALUES (?, ?, ?, ?, ?, ?)", astuple(scan))
            self._fresh += 1
            if self._fresh % _COMMIT_EVERY == 0:
                self._db.commit()

    def close(self) -> None:
        if self._db is not None:
            with self._writing():
                self._db.commit()
                self._db.close()
