"""Features of photos that are extracted while the photos are scanned: read and hashed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, Engine
from ..errors import MissingExtra, UnreadablePhoto
from ..photos import Scan, square
from ._extract import fill, open_cache
from ._pictures import picture_key

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Keyed = tuple[str, Pixels]

__all__ = ["FirstFeatures"]


class FirstFeatures:
    """A `FirstLook` that extracts the features that are not in the cache yet.

    They are those that `extract_features` would compute of `WholePhotos`, which finds them there.
    So a photo that does not come through here, for whatever reason, is only extracted later.

    Parameters
    ----------
    backbone : Backbone
    engine : Engine
    cache_dir : Path
        See `extract_features`.
    trimmed : callable
        Whether the plain border is cut off a photo, by the SHA-256 of its bytes.

    Attributes
    ----------
    extracted : int
        How many features were computed.
    """

    def __init__(
        self,
        backbone: Backbone,
        engine: Engine,
        *,
        cache_dir: Path,
        trimmed: Callable[[str], bool],
    ) -> None:
        self.label = f"features of {backbone.spec.name}"
        self.extracted = 0
        self._spec, self._engine, self._trimmed = backbone.spec, engine, trimmed
        self._cache, _ = open_cache(backbone, engine, cache_dir)
        self._begun: set[str] = set()

    def see(self, data: bytes, scan: Scan) -> Keyed | None:
        """Make the square that the backbone sees; None where nobody needs it."""
        trimmed = self._trimmed(scan.sha256)
        key = picture_key(scan.sha256, trimmed=trimmed)
        # Rows that come in meanwhile may be missed here, but are never taken for others.
        if key in self._begun or key in self._cache:
            return None
        self._begun.add(key)
        try:
            spec = self._spec
            return key, square(data, spec.input_size, spec.interpolation, trimmed=trimmed)
        except (UnreadablePhoto, MissingExtra):
            return None

    def take(self, stream: Iterator[tuple[Scan, Keyed | None]]) -> None:
        """Extract what was seen."""
        self.extracted = fill(self._cache, self._batches(stream), self._engine, lambda _: None)

    def _batches(
        self, stream: Iterator[tuple[Scan, Keyed | None]]
    ) -> Iterator[tuple[list[str], list[Pixels]]]:
        waiting: dict[str, Pixels] = {}
        taken: set[str] = set()  # two threads may have begun with equal contents at once
        for _, seen in stream:
            if seen is not None and seen[0] not in taken:
                taken.add(seen[0])
                waiting[seen[0]] = seen[1]
            if len(waiting) == self._engine.batch_size:
                yield list(waiting), [np.stack(list(waiting.values()))]
                waiting = {}
        if waiting:
            yield list(waiting), [np.stack(list(waiting.values()))]
