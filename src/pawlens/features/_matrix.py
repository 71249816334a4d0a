"""Features of all backbones side by side, one row for each distinct photo content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, Device, Precision, find_backbone, open_engine
from ..base import Progress
from ..heads import unit_rows
from ..photos import Photos
from ._extract import Features, extract_features

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Sight", "Vectors"]


@dataclass(frozen=True)
class Vectors:
    """What the backbones see of a table of photos.

    Attributes
    ----------
    values : ndarray of float32, shape (m, D)
        Of unit length for each backbone.
    row : ndarray of int64, shape (n,)
        The row in `values` of each photo; -1 where there is none.
    """

    values: npt.NDArray[np.float32]
    row: npt.NDArray[np.int64]


class Sight:
    """Backbones with which an audit looks at photos and at parts of them.

    Parameters
    ----------
    names : sequence of str
        See `find_backbone`.
    cache_dir : Path
        Where features are kept.
    weights_dir : Path, optional
    precision, device : str
        See `open_engine`.

    Raises
    ------
    BackboneError
        A name is unknown or its weights do not fit.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        cache_dir: Path,
        weights_dir: Path | None = None,
        precision: Precision = "auto",
        device: Device = "auto",
    ) -> None:
        self._cache = cache_dir
        self._precision, self._device = precision, device
        self._backbones = [
            find_backbone(name, weights_dir=weights_dir, cache_dir=cache_dir) for name in names
        ]

    def see(
        self, photos: Photos, hashes: Sequence[str], *, progress: Progress | None = None
    ) -> Vectors:
        """Features of the photos; each engine is let go before the next one is opened.

        Parameters
        ----------
        photos : Photos
        hashes : sequence of str
            A key for each photo's content; empty for photos to leave out.
        progress : callable, optional
        """
        parts = [self._seen_by(one, photos, hashes, progress) for one in self._backbones]
        values = [unit_rows(part.matrix) for part in parts]
        return Vectors(values[0] if len(values) == 1 else np.hstack(values), parts[-1].index)

    def _seen_by(
        self, backbone: Backbone, photos: Photos, hashes: Sequence[str], progress: Progress | None
    ) -> Features:
        engine = open_engine(backbone, precision=self._precision, device=self._device)
        return extract_features(
            photos, backbone, engine, hashes=hashes, cache_dir=self._cache, progress=progress
        )
