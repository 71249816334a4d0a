"""Parts of photos: cut out, and seen by the backbones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import BackboneSpec
from ..base import Progress, cores
from ..features import PARTS, FeatureExtractors
from ..photos import Photos, resize

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["cut_up"]

_NAMES, _WINDOWS = tuple(PARTS), tuple(PARTS.values())


def cut_up(
    photos: Photos,
    hashes: Sequence[str],
    rows: Ints,
    extractors: FeatureExtractors,
    *,
    progress: Progress | None = None,
) -> Floats32:
    """Compute the features of the halves and quarters of some photos.

    Parameters
    ----------
    photos : Photos
    hashes : sequence of str, length n
        SHA-256 of each photo's content; features of parts are kept by it.
    rows : ndarray of int64, shape (m,)
    extractors : FeatureExtractors
    progress : callable, optional

    Returns
    -------
    ndarray of float32, shape (m, parts, D)
        In the order of `PARTS`; NaN where a photo can no longer be decoded.
    """
    cut_outs = _CutOuts(photos, hashes, rows.tolist())
    features = extractors.extract(cut_outs, progress=progress)
    there = np.flatnonzero(features.row >= 0)
    width = features.values.shape[1]
    values = np.full((len(cut_outs.keys), width), np.nan, np.float32)
    values[there] = features.of(there)
    return values.reshape(len(rows), len(PARTS), width)


def _key(digest: str, part: int) -> str:
    """Make a key for the features of a part, from the content and the box."""
    return hashlib.sha256(f"{digest} {_WINDOWS[part]}".encode()).hexdigest()


class _CutOuts:
    """The parts of some photos as pictures, all of a photo one after the other."""

    def __init__(self, photos: Photos, hashes: Sequence[str], rows: Sequence[int]) -> None:
        self._photos = photos
        self._places = [(row, part) for row in rows for part in range(len(PARTS))]
        self.keys = [_key(hashes[row], part) for row, part in self._places]
        # The parts of a photo are asked for one after the other: it is decoded once for all.
        self._decode = lru_cache(maxsize=2 * cores())(photos.decode)

    def name(self, item: int) -> str:
        row, part = self._places[item]
        return f"{_NAMES[part]} of {self._photos[row].path}"

    def pixels(self, item: int, specs: Sequence[BackboneSpec]) -> list[Pixels]:
        row, part = self._places[item]
        pixels = self._decode(row)
        height, width = pixels.shape[:2]
        left, top, right, bottom = _WINDOWS[part]
        box = pixels[
            int(top * height) : max(int(bottom * height), int(top * height) + 1),
            int(left * width) : max(int(right * width), int(left * width) + 1),
        ]
        return [resize(box, spec.input_size, spec.interpolation) for spec in specs]
