"""From pictures to pooled features: decode and inference overlapped, kept by content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, Engine
from ..base import Progress, tell
from ._cache import FeatureCache
from ._pictures import PictureSource, picture_batches

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Features", "extract_features"]

_SHARD_ROWS = 256
_DECODE_RULE = 3  # raise when `decode` or `resize` change what a backbone sees


@dataclass(frozen=True)
class Features:
    """Pooled features of pictures.

    Attributes
    ----------
    matrix : ndarray of float32, shape (m, D)
        One row for each distinct content.
    index : ndarray of int64, shape (n,)
        The row in `matrix` of each picture; -1 where it could not be decoded.
    extracted : int
        How many rows were computed now; the others came from the cache.
    """

    matrix: npt.NDArray[np.float32]
    index: npt.NDArray[np.int64]
    extracted: int


def extract_features(
    pictures: PictureSource,
    backbone: Backbone,
    engine: Engine,
    *,
    cache_dir: Path,
    progress: Progress | None = None,
) -> Features:
    """Compute, or fetch from the cache, the pooled features of every picture.

    Parameters
    ----------
    pictures : PictureSource
        For example `WholePhotos`.
    backbone : Backbone
    engine : Engine
        From `open_engine`.
    cache_dir : Path
        Features go to ``cache_dir/features`` as they are computed, so that memory does not grow
        with the number of pictures until the matrix is read at the end, and a killed extraction
        goes on where it was.
    progress : callable, optional
    """
    keys = pictures.keys
    folders = cache_dir / "features"
    folder = folders / _folder_name(backbone, engine, _DECODE_RULE)
    cache = FeatureCache(folder, backbone.spec.feature_dim)
    first_items = {key: item for item, key in reversed(list(enumerate(keys))) if key}
    items = sorted(item for key, item in first_items.items() if key not in cache)
    label = f"features of {backbone.spec.name}"
    if not len(cache) and (folders / _folder_name(backbone, engine, _DECODE_RULE - 1)).exists():
        label += ", again: those in the cache are of photos decoded in another way"
    batches = picture_batches(pictures, items, [backbone.spec], engine.batch_size)
    done = 0
    for done in _fill(cache, batches, keys, engine):
        tell(progress, label, done, len(items))
    if done < len(items):  # those that could not be decoded
        tell(progress, label, len(items), len(items))
    extracted = [key for key in dict.fromkeys(keys) if key in cache]
    row_of = {key: row for row, key in enumerate(extracted)}
    index = np.array([row_of.get(key, -1) for key in keys], np.int64)
    return Features(cache.gather(extracted), index, len(items))


def _fill(
    cache: FeatureCache,
    batches: Iterator[tuple[list[int], list[Pixels]]],
    keys: Sequence[str],
    engine: Engine,
) -> Iterator[int]:
    """Extract batches into the cache, shard by shard; yields how many pictures are done."""
    done: list[int] = []
    parts: list[npt.NDArray[np.float32]] = []
    count = 0
    for batch_items, features in engine.run(batches):
        done += batch_items
        parts.append(features)
        count += len(batch_items)
        if len(done) >= _SHARD_ROWS:
            cache.add([keys[item] for item in done], np.concatenate(parts))
            done, parts = [], []
        yield count
    if done:
        cache.add([keys[item] for item in done], np.concatenate(parts))


def _folder_name(backbone: Backbone, engine: Engine, rule: int) -> str:
    spec = backbone.spec
    arithmetic = [engine.precision, engine.device]
    facts = [backbone.weights_hash, spec.preprocessing_hash, *arithmetic, rule]
    digest = hashlib.sha256(json.dumps([spec.name, *facts]).encode()).hexdigest()
    return f"{spec.name}-{spec.input_size}-{engine.precision}-{digest[:16]}"
