"""Features of all backbones side by side, one row for each distinct photo content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import (
    CALIBRATION_PHOTOS,
    Backbone,
    Device,
    Engine,
    Precision,
    open_engine,
    quantise,
)
from ..base import BLOCK_ROWS, Progress, matrix_room
from ..errors import PhotosError
from ..heads import unit_rows
from ._extract import extract_features
from ._first_features import FirstFeatures
from ._pictures import PictureSource, picture_batches
from ._rows import rows_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["FeatureExtractors", "FeatureMatrix"]

_CALIBRATION_BATCH = 8


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of a table of photos, those of every backbone side by side.

    Attributes
    ----------
    values : ndarray of float32, shape (m, D)
        One row for each distinct photo content.
    row : ndarray of int64, shape (n,)
        The row in `values` of each photo; -1 for a photo that was left out or not decoded.
    backbones : list of Backbone
        The backbones as they were found, before any quantisation; this is how they are exported.
    precisions : list of str
        Arithmetic and device of each backbone.
    extracted : int
        Rows that were computed now; the others came from the cache.
    """

    values: npt.NDArray[np.float32]
    row: Ints
    backbones: list[Backbone]
    precisions: list[str]
    extracted: int

    def of(self, photos: Ints) -> npt.NDArray[np.float32]:
        """Return the features float32 (k, D) of the given photos of the table.

        Raises
        ------
        IndexError
            One of the photos has no features.
        """
        return rows_of(self.values, self.row, photos)


class FeatureExtractors:
    """Several backbones, of which one at a time extracts features.

    Parameters
    ----------
    backbones : sequence of Backbone
        See `find_backbone`.
    cache_dir : Path
        Where features are kept.
    precision, device : str
        See `open_engine`.
    """

    def __init__(
        self,
        backbones: Sequence[Backbone],
        *,
        cache_dir: Path,
        precision: Precision = "auto",
        device: Device = "auto",
    ) -> None:
        self.backbones = list(backbones)
        self._run = list(backbones)  # what engines run: once quantised, the int8 graphs
        self._cache, self._precision, self._device = cache_dir, precision, device
        self._engines: dict[int, Engine] = {}
        self._first: FirstFeatures | None = None

    def open(self) -> None:
        """Open every engine now, so that what cannot run is refused before work begins.

        Raises
        ------
        BackboneError
            An engine cannot run a graph, or the device is missing.
        """
        for number, backbone in enumerate(self._run):
            self._engines[number] = self._open(backbone)

    def first_look(self, trimmed: Callable[[str], bool]) -> FirstFeatures:
        """Let the first backbone look at photos while they are scanned; see `scan_photos`.

        Parameters
        ----------
        trimmed : callable
            Whether the plain border is cut off a photo, by the SHA-256 of its bytes.
        """
        engine = self._engines[0] = self._engines.get(0) or self._open(self._run[0])
        self._first = FirstFeatures(self._run[0], engine, cache_dir=self._cache, trimmed=trimmed)
        return self._first

    def quantise(self, pictures: PictureSource, items: Sequence[int]) -> None:
        """Run int8 graphs from here on, calibrated on some of the pictures at most.

        Parameters
        ----------
        pictures : PictureSource
        items : sequence of int
            Pictures that train, in random order; the first `CALIBRATION_PHOTOS` are read.
        """
        chosen = items[:CALIBRATION_PHOTOS]
        for number, backbone in enumerate(self.backbones):
            batches = picture_batches(pictures, chosen, [backbone.spec], _CALIBRATION_BATCH)
            inputs = (pixels for _, (pixels,) in batches)
            self._run[number] = quantise(backbone, inputs, cache_dir=self._cache)
        self._precision = "int8"
        self._engines.clear()

    def extract(
        self,
        pictures: PictureSource,
        *,
        unit: bool = True,
        complete: bool = False,
        progress: Progress | None = None,
    ) -> FeatureMatrix:
        """Features of the pictures; each engine is let go before the next one works.

        Parameters
        ----------
        pictures : PictureSource
            For example `WholePhotos`.
        unit : bool
            Whether each backbone's features are scaled to unit length.
        complete : bool
            Whether every picture with a key must have features.
        progress : callable, optional

        Raises
        ------
        PhotosError
            `complete`, and a photo changed or vanished since it was hashed.
        """
        parts, precisions = [], []
        extracted = self._first.extracted if self._first else 0
        self._first = None
        row = np.full(len(pictures.keys), -1, np.int64)
        for number, backbone in enumerate(self._run):
            engine = self._engines.pop(number, None) or self._open(backbone)
            features = extract_features(
                pictures, backbone, engine, cache_dir=self._cache, progress=progress
            )
            if complete:
                _check_complete(pictures, features.index)
            parts.append(unit_rows(features.matrix) if unit else features.matrix)
            row = features.index
            extracted += features.extracted
            precisions.append(f"{engine.precision} on {engine.device}")
            del engine
        values = parts[0] if len(parts) == 1 else _side_by_side(parts)
        return FeatureMatrix(values, row, self.backbones, precisions, extracted)

    def _open(self, backbone: Backbone) -> Engine:
        return open_engine(backbone, precision=self._precision, device=self._device)


def _side_by_side(parts: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Put matrices with the same rows side by side; the list is emptied on the way."""
    values = matrix_room(len(parts[0]), sum(part.shape[1] for part in parts))
    at = 0
    while parts:
        part = parts.pop(0)
        for start in range(0, len(part), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            values[rows, at : at + part.shape[1]] = part[rows]
        at += part.shape[1]
    return values


def _check_complete(pictures: PictureSource, row: Ints) -> None:
    for item, key in enumerate(pictures.keys):
        if key and row[item] < 0:
            raise PhotosError(
                f"{pictures.name(item)}: changed or vanished during the run; start it again"
            )
