"""Photo headers: colour mode, size of the file, and what EXIF says: orientation, camera, time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...base import Progress, RowCache, ordered_map, tell
from ...errors import MissingExtra, UnreadablePhoto
from .._photos import Photos
from ..decoding import camera_of, opened, orientation_of

if TYPE_CHECKING:
    from PIL import Image

    from ._scan import Scan

__all__ = ["Header", "header_of", "kept_headers", "read_headers"]

_VERSION = 4  # of what a header holds
_ON_ITS_SIDE = range(5, 9)


@dataclass(frozen=True, slots=True)
class Header:
    """The facts in the header of one photo.

    Attributes
    ----------
    sha256 : str
    size : int
        Size of the file in bytes.
    mode : str
        Colour mode in Pillow's terms (``RGB``, ``L``, ``CMYK``); empty where unreadable.
    orientation : int
        EXIF orientation, 1 (upright) to 8.
    camera : str
        Make and model by EXIF; empty where it has none.
    serial : str
        A hash of the camera's serial number; empty where EXIF has none.
    taken : str
        When the photo was taken by EXIF, as ``2026:11:30 12:00:00``; empty where it does not say.
    """

    sha256: str
    size: int = 0
    mode: str = ""
    orientation: int = 1
    camera: str = ""
    serial: str = ""
    taken: str = ""

    @property
    def on_its_side(self) -> bool:
        """Whether width and height are swapped when the photo is turned upright."""
        return self.orientation in _ON_ITS_SIDE


def kept_headers(cache_dir: Path | None) -> RowCache[Header]:
    """Open the headers of earlier runs, in ``headers.sqlite``."""
    return RowCache(cache_dir, Header, version=_VERSION)


def read_headers(
    photos: Photos,
    scans: Sequence[Scan],
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> list[Header]:
    """Read the header of every photo; no pixel is decoded.

    Parameters
    ----------
    photos : Photos
    scans : sequence of Scan
        Scans of the same photos. Contents that were seen before are not read again.
    cache_dir : Path, optional
        Where ``headers.sqlite`` is kept. None keeps nothing.
    progress : callable, optional

    Returns
    -------
    list of Header
        One header for each row; equal contents share one object.
    """
    found = []
    with closing(kept_headers(cache_dir)) as known:

        def header(row: int) -> Header:
            return known.get(scans[row].sha256) or _header(photos, row, scans[row])

        work = ordered_map(header, range(len(photos)), workers=photos.workers)
        for done, one in enumerate(work, start=1):
            if one.mode and known.get(one.sha256) is None:
                known.add(one)
            found.append(known.get(one.sha256) or one)
            tell(progress, "reading headers", done, len(photos))
    return found


def header_of(image: Image.Image, sha256: str, size: int) -> Header:
    """Read the header of an opened picture that is not loaded; what EXIF hides is left empty.

    Parameters
    ----------
    image : Image.Image
        From `opened`.
    sha256 : str
    size : int
        Size of the file in bytes.
    """
    header = Header(sha256, size, image.mode, orientation_of(image))
    try:
        camera, serial, taken = camera_of(image)
    except MemoryError:  # no fault of the photo
        raise
    except Exception:  # hostile bytes make Pillow's plug-ins raise nearly anything
        return header
    return replace(header, camera=camera, serial=serial, taken=taken)


def _header(photos: Photos, row: int, scan: Scan) -> Header:
    if not scan.sha256:
        return Header("")
    try:
        data = photos.read_bytes(row)
    except UnreadablePhoto:
        return Header(scan.sha256)
    header = Header(scan.sha256, len(data))
    if not scan.problem:
        with suppress(UnreadablePhoto, MissingExtra), opened(data) as image:
            header = header_of(image, scan.sha256, len(data))
    return header
