"""One pass over the pixels: brightness, sharpness, information and plain borders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, RowCache, ordered_map, tell
from ..errors import MissingExtra, UnreadablePhoto
from ..photos import Photos, decode, find_border

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Appearance", "measure", "measure_appearance"]

_VERSION = 2  # of what an appearance holds and how it is measured
_SIDE = 256  # pixels on the longer side on which sharpness is judged, about what backbones see
_LUMA = (0.241, 0.691, 0.068)  # of perceived brightness, on squares: as cleanvision has it


@dataclass(frozen=True, slots=True)
class Appearance:
    """The appearance of a photo without its border.

    Attributes
    ----------
    sha256 : str
    bright, dim : float
        Perceived brightness, 0 to 1, that 1 % of the pixels exceed and that 5 % do not reach.
    sharpness : float
        Standard deviation of the Laplacian of the grey picture, at most 256 pixels long, as a
        multiple of that of the picture itself.
    entropy : float
        Entropy of the grey levels, in bits.
    left, top, right, bottom : int
        Box of the picture inside a plain border, in pixels of the upright photo.
    width, height : int
        Size of the upright photo in pixels, where there is a border; else zero, as the box.
    """

    sha256: str
    bright: float = 0.0
    dim: float = 0.0
    sharpness: float = 0.0
    entropy: float = 0.0
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    width: int = 0
    height: int = 0


def measure_appearance(
    photos: Photos,
    hashes: Sequence[str],
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> list[Appearance | None]:
    """Measure the appearance of every photo once; results are cached by content.

    Parameters
    ----------
    photos : Photos
    hashes : sequence of str
        SHA-256 of each photo's bytes; empty for photos to leave out.
    cache_dir : Path, optional
        Where ``appearances.sqlite`` is kept.
    progress : callable, optional

    Returns
    -------
    list of Appearance or None
        The appearance of each photo; None where it is left out or can no longer be decoded.
    """
    appearances: list[Appearance | None] = []
    with closing(RowCache(cache_dir, Appearance, version=_VERSION)) as cache:

        def measured(row: int) -> Appearance | None:
            kept = cache.get(hashes[row])
            return kept if kept or not hashes[row] else _measure(photos, row, hashes[row])

        work = ordered_map(measured, range(len(photos)), workers=photos.workers)
        for done, photo in enumerate(work, start=1):
            if photo is not None and cache.get(photo.sha256) is None:
                cache.add(photo)
            appearances.append(photo)
            tell(progress, "looking at photos", done, len(photos))
    return appearances


def _measure(photos: Photos, row: int, digest: str) -> Appearance | None:
    try:
        data = photos.read_bytes(row)
        pixels = decode(data, min_side=2 * _SIDE)
        box = find_border(pixels)
        if box != _whole(pixels):  # where exactly, only every pixel can tell
            pixels = decode(data)
            box = find_border(pixels)
    except (UnreadablePhoto, MissingExtra):
        return None
    left, top, right, bottom = box
    measures = measure(pixels[top:bottom, left:right])
    if box == _whole(pixels):
        return Appearance(digest, *measures)
    return Appearance(digest, *measures, left, top, right, bottom, pixels.shape[1], pixels.shape[0])


def _whole(pixels: Pixels) -> tuple[int, int, int, int]:
    return 0, 0, pixels.shape[1], pixels.shape[0]


def measure(pixels: Pixels) -> tuple[float, float, float, float]:
    """Measure bright, dim, sharpness and entropy of uint8 (H, W, 3) pixels; see `Appearance`."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    small = np.asarray(picture, np.float32)
    brightness = np.sqrt(small**2 @ np.array(_LUMA, np.float32)) / 255
    dim, bright = np.percentile(brightness, (5, 99))
    grey = picture.convert("L")
    return float(bright), float(dim), _sharpness(np.asarray(grey, np.float32)), grey.entropy()


def _sharpness(grey: npt.NDArray[np.float32]) -> float:
    spread = float(grey.std())
    if min(grey.shape) < 3 or spread < 1:
        return 0.0
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * inner).std()) / spread
