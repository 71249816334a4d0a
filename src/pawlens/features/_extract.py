"""From pictures to pooled features: decode and inference overlapped, kept by content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, Engine
from ..base import Progress, matrix_room, tell
from ..errors import UsageError
from ._cache import DamagedShard, FeatureCache
from ._pictures import PictureSource, picture_batches

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Features", "extract_features"]

_SHARD_ROWS = 256
_DECODE_RULE = 5  # raise when `decode` or `resize` change what a backbone sees


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
    half = _half_wanted()
    folder = folders / _folder_name(backbone, engine, _DECODE_RULE, half=half)
    cache = FeatureCache(folder, backbone.spec.feature_dim, half=half)
    first_items = {key: item for item, key in reversed(list(enumerate(keys))) if key}
    distinct = list(first_items)
    label = f"features of {backbone.spec.name}"
    earlier = (_folder_name(backbone, engine, rule, half=half) for rule in range(_DECODE_RULE))
    if not len(cache) and any((folders / name).exists() for name in earlier):
        label += ", again: those in the cache are of photos decoded in another way"
    computed = 0
    while True:
        items = sorted(first_items[distinct[at]] for at in cache.missing(distinct))
        _fill(cache, pictures, items, backbone, engine, partial(tell, progress, label))
        computed = computed or len(items)
        lost = set(cache.missing(distinct))
        extracted = sorted(
            (key for at, key in enumerate(distinct) if at not in lost), key=first_items.__getitem__
        )
        try:
            room = matrix_room(len(extracted), backbone.spec.feature_dim)
            matrix = cache.gather(extracted, room)
            break
        except DamagedShard:  # once it is read; its photos are extracted again
            computed = 0
    row_of = {key: row for row, key in enumerate(extracted)}
    index = np.array([row_of.get(key, -1) for key in keys], np.int64)
    return Features(matrix, index, computed)


def _fill(
    cache: FeatureCache,
    pictures: PictureSource,
    items: list[int],
    backbone: Backbone,
    engine: Engine,
    report: Callable[[int, int], None],
) -> None:
    """Extract pictures into the cache, shard by shard."""
    done: list[int] = []
    parts: list[npt.NDArray[np.float32]] = []
    count = 0

    def keep() -> None:
        if done:
            cache.add([pictures.keys[item] for item in done], np.concatenate(parts))
        done.clear()
        parts.clear()

    batches = picture_batches(pictures, items, [backbone.spec], engine.batch_size)
    for batch_items, features in engine.run(batches):
        done += batch_items
        parts.append(features)
        count += len(batch_items)
        if len(done) >= _SHARD_ROWS:
            keep()
        report(count, len(items))
    keep()
    if items:
        cache.save_index()
    if count < len(items):  # those that could not be decoded
        report(len(items), len(items))


def _half_wanted() -> bool:
    """Whether ``$PAWLENS_FEATURES`` asks for features in half the space.

    Raises
    ------
    UsageError
        It is neither float32 nor float16.
    """
    wanted = os.environ.get("PAWLENS_FEATURES", "float32")
    if wanted not in ("float32", "float16"):
        raise UsageError(f"PAWLENS_FEATURES={wanted}: set it to float32 or float16")
    return wanted == "float16"


def _folder_name(backbone: Backbone, engine: Engine, rule: int, *, half: bool) -> str:
    spec = backbone.spec
    arithmetic = [engine.precision, engine.device]
    facts = [backbone.weights_hash, spec.preprocessing_hash, *arithmetic, rule]
    digest = hashlib.sha256(json.dumps([spec.name, *facts]).encode()).hexdigest()
    name = f"{spec.name}-{spec.input_size}-{engine.precision}-{digest[:16]}"
    return f"{name}-float16" if half else name
