"""One pass over all photos: content hash, size, format, perceptual hash, and what is wrong."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, RowCache, ordered_map, tell
from ..errors import MissingExtra, UnreadablePhoto
from ._decode import decode, probe
from ._photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Scan", "is_unreachable", "scan_photos"]

_HASH_SIDE = 32
_HASH_WAVES = 8  # on each axis, the slowest ones
_VERSION = 3  # of what a scan holds


@dataclass(frozen=True, slots=True)
class Scan:
    """The result of one pass over a photo's bytes.

    Attributes
    ----------
    sha256 : str
        SHA-256 of the encoded bytes, in hexadecimal; empty when they could not be read.
    width, height : int
        Size in pixels, as encoded; 0 when unreadable.
    format : str
        By content, for example ``"JPEG"``; empty when unreadable.
    phash : str
        64-bit perceptual hash in hexadecimal (DCT of a 32 x 32 grey thumbnail, Zauner 2010);
        empty when unreadable.
    mirrored : str
        The same hash of the picture's mirror image.
    problem : str
        Why the photo cannot be decoded; empty when it can.
    """

    sha256: str
    width: int = 0
    height: int = 0
    format: str = ""
    phash: str = ""
    mirrored: str = ""
    problem: str = ""


def is_unreachable(reason: str) -> bool:
    """Whether a photo's problem, or its status, is that it cannot be fetched for now."""
    return reason.startswith("unreachable: ")


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
        One scan for each row. A photo that cannot be decoded has its `problem` set; nothing is
        raised.
    """
    known = RowCache(cache_dir, Scan, version=_VERSION)
    found = []
    with closing(known):
        work = ordered_map(
            lambda i: _scan_row(photos, i, known), range(len(photos)), workers=photos.workers
        )
        for done, (scan, fresh) in enumerate(work, start=1):
            if fresh and not scan.problem:
                known.add(scan)
            found.append(known.get(scan.sha256) or scan)  # equal contents share one object
            tell(progress, "scanning photos", done, len(photos))
    return found


def _scan_row(photos: Photos, row: int, known: RowCache[Scan]) -> tuple[Scan, bool]:
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
    mirror = np.ascontiguousarray(pixels[:, ::-1])
    hashes = perceptual_hash(pixels), perceptual_hash(mirror)
    return Scan(digest, width, height, kind, *hashes)


def perceptual_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """Compute the 64-bit perceptual hash of uint8 (H, W, 3) pixels, 16 hexadecimal digits."""
    from PIL import Image
    from scipy.fft import dct

    grey = Image.fromarray(pixels).convert("L")
    grey = grey.resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS)
    # One axis after the other, in double precision: the bits are those of imagehash.phash.
    waves = dct(dct(np.asarray(grey, np.float64), axis=0), axis=1)
    slow = waves[:_HASH_WAVES, :_HASH_WAVES]
    return np.packbits(slow > np.median(slow)).tobytes().hex()
