"""The traits of photos that are no content: how a file was made, and not what it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...base import Progress, RowCache, cores, ordered_map, tell
from ...errors import MissingExtra, UnreadablePhoto
from .._photos import Photos
from ..decoding import decode, encoding, find_border
from ._scan import Scan

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Traits", "read_traits"]

_VERSION = 2  # of what traits hold
_TOLD = 500  # photos below which it takes a second or two, of which nobody need hear
_SIDE = 64  # pixels; enough for a frame and for colour
_GREY = 4  # levels of 255 between the channels, on average, that compression may leave


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of one photo's file.

    Attributes
    ----------
    sha256 : str
    size : int
        Size of the file in bytes; 0 where it cannot be read.
    mode : str
        Colour mode in Pillow's terms, or ``grey`` where no pixel has a colour.
    camera : str
        Maker and model by EXIF; empty without.
    compression : int
        Sum of the first quantisation table of a JPEG: the larger, the lower its quality. 0 for
        other formats.
    border : int
        Share of the area that is plain border, in thousandths.
    frame : int
        Standard deviation of the outermost pixels, of 255: small where a frame goes around.
    """

    sha256: str
    size: int = 0
    mode: str = ""
    camera: str = ""
    compression: int = 0
    border: int = 0
    frame: int = 0


def read_traits(
    photos: Photos,
    scans: Sequence[Scan],
    rows: Sequence[int],
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> list[Traits]:
    """Read the traits of some photos, each decoded at a small scale.

    Parameters
    ----------
    photos : Photos
    scans : sequence of Scan
        Scans of all photos. Contents that were seen before are not read again.
    rows : sequence of int
        Rows to read.
    cache_dir : Path, optional
        Where ``traits.sqlite`` is kept. None keeps nothing.
    progress : callable, optional

    Returns
    -------
    list of Traits
        In the order of `rows`; of a photo that cannot be read any more, all are empty.
    """
    found = []
    with closing(RowCache(cache_dir, Traits, version=_VERSION)) as known:

        def traits(row: int) -> Traits:
            return known.get(scans[row].sha256) or _traits(photos, row)

        work = ordered_map(traits, rows, workers=cores())
        for done, one in enumerate(work, start=1):
            if one.size and known.get(one.sha256) is None:
                known.add(one)
            found.append(one)
            if len(rows) >= _TOLD:
                tell(progress, "reading traits", done, len(rows))
    return found


def _traits(photos: Photos, row: int) -> Traits:
    try:
        data = photos.read_bytes(row)
        mode, camera, compression = encoding(data)
        pixels = decode(data, min_side=_SIDE)
    except (UnreadablePhoto, MissingExtra):
        return Traits("")
    left, top, right, bottom = find_border(pixels)
    inside = (right - left) * (bottom - top) / (pixels.shape[0] * pixels.shape[1])
    apart = np.ptp(pixels.astype(np.int16), axis=2).mean()
    return Traits(
        hashlib.sha256(data).hexdigest(),
        len(data),
        "grey" if apart < _GREY else mode,
        camera,
        compression,
        round(1000 * (1 - inside)),
        round(float(_outermost(pixels).std(axis=0).mean())),
    )


def _outermost(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the pixels at the edges, float64 (n, 3)."""
    edges = pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]
    return np.concatenate(edges).astype(np.float64)
