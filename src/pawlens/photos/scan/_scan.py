"""One pass over all photos: content hash, size, format, perceptual hash, and what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...base import Progress, RowCache, in_chunks, ordered_map, tell
from ...errors import MissingExtra, UnreadablePhoto
from .._photos import Photos
from ..decoding import facts_of, opened, read_pixels
from ._headers import Header, header_of, kept_headers

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["FirstLook", "Scan", "is_unreachable", "scan_photos"]

_HASH_SIDE = 32
_HASH_WAVES = 8  # on each axis, the slowest ones
_VERSION = 3  # of what a scan holds
_TOGETHER = 8  # photos at hand that a thread takes at a time
_WAITING = 16  # requests of each thread, or twice as many photos at hand, that may wait


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


class FirstLook(Protocol):
    """What else is made of photos while they are scanned, so that their bytes are read once.

    Attributes
    ----------
    label : str
        What it makes, in words.
    """

    label: str

    def see(self, data: bytes, scan: Scan) -> Any:
        """Make something of a photo that can be decoded; called from several threads."""

    def take(self, stream: Iterator[tuple[Scan, Any]]) -> None:
        """Take every photo's scan, and what `see` made of it or None, in the order of photos."""


def scan_photos(
    photos: Photos,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    look: FirstLook | None = None,
) -> list[Scan]:
    """Scan every photo, its header included; results are kept by content.

    Parameters
    ----------
    photos : Photos
    cache_dir : Path, optional
        Where ``scans.sqlite`` and ``headers.sqlite`` are kept. None keeps nothing.
    progress : callable, optional
    look : FirstLook, optional
        What else to make of the same bytes.

    Returns
    -------
    list of Scan
        One scan for each row. A photo that cannot be decoded has its `problem` set; nothing is
        raised.
    """
    found: list[Scan] = []
    what = "scanning photos" + (f", {look.label}" if look else "")
    with ExitStack() as stack:
        known = stack.enter_context(closing(RowCache(cache_dir, Scan, version=_VERSION)))
        headers = stack.enter_context(closing(kept_headers(cache_dir)))

        def seen() -> Iterator[tuple[Scan, Any]]:
            work = ordered_map(
                lambda rows: [_see(photos, row, known, look) for row in rows],
                in_chunks(range(len(photos)), 1 if photos.remote else _TOGETHER),
                workers=photos.workers,
                ahead=_WAITING if photos.remote else 2 * _WAITING // _TOGETHER,
            )
            for done, one in enumerate(chain.from_iterable(work), start=1):
                if one.header is not None:
                    known.add(one.scan)
                    headers.add(one.header)
                found.append(known.get(one.scan.sha256) or one.scan)  # equal ones share one object
                yield found[-1], one.made
                tell(progress, what, done, len(photos))

        if look is not None:
            look.take(seen())
        else:
            for _ in seen():
                pass
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo's scan, its header where both are new, and what a first look made of it."""

    scan: Scan
    header: Header | None = None
    made: Any = None


def _see(photos: Photos, row: int, known: RowCache[Scan], look: FirstLook | None) -> _Seen:
    try:
        data = photos.read_bytes(row)
    except UnreadablePhoto as error:
        return _Seen(Scan("", problem=str(error)))
    digest = hashlib.sha256(data).hexdigest()
    scan = known.get(digest)
    one = _Seen(scan) if scan is not None else _scan_bytes(digest, data)
    made = look.see(data, one.scan) if look is not None and not one.scan.problem else None
    return _Seen(one.scan, one.header, made)


def _scan_bytes(digest: str, data: bytes) -> _Seen:
    try:
        with opened(data) as image:
            kind, width, height = facts_of(image)
            header = header_of(image, digest, len(data))
            pixels = read_pixels(image, data, _HASH_SIDE).pixels
    except (UnreadablePhoto, MissingExtra) as error:
        return _Seen(Scan(digest, problem=str(error)))
    return _Seen(Scan(digest, width, height, kind, *perceptual_hashes(pixels)), header)


def perceptual_hashes(pixels: npt.NDArray[np.uint8]) -> tuple[str, str]:
    """Compute the 64-bit perceptual hashes of uint8 (H, W, 3) pixels and of their mirror image.

    Each has 16 hexadecimal digits. Mirrored are the 32 x 32 pixels that are left, and of these the
    sums along their columns: Pillow's filter treats both sides alike.
    """
    from PIL import Image
    from scipy.fft import dct

    grey = Image.fromarray(pixels).convert("L")
    grey = grey.resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.LANCZOS)
    # One axis after the other, in double precision: the bits are those of imagehash.phash.
    down = dct(np.asarray(grey, np.float64), axis=0)[:_HASH_WAVES]
    both = (dct(each, axis=1)[:, :_HASH_WAVES] for each in (down, down[:, ::-1]))
    one, mirrored = (np.packbits(slow > np.median(slow)).tobytes().hex() for slow in both)
    return one, mirrored
