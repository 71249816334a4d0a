"""From pictures to pooled features: decode and inference overlapped, kept by content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
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

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Features", "extract_features", "fill", "open_cache"]

_SHARD_ROWS = 256
_DECODE_RULE = 4  # raise when `decode` or `resize` change what a backbone sees


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
    cache, again = open_cache(backbone, engine, cache_dir)
    first_items = {key: item for item, key in reversed(list(enumerate(keys))) if key}
    distinct = list(first_items)
    label = f"features of {backbone.spec.name}"
    if again:
        label += ", again: those in the cache are of photos decoded in another way"
    computed = 0
    while True:
        items = sorted(first_items[distinct[at]] for at in cache.missing(distinct))
        _extract(cache, pictures, items, backbone, engine, partial(tell, progress, label))
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


def open_cache(backbone: Backbone, engine: Engine, cache_dir: Path) -> tuple[FeatureCache, bool]:
    """Open the cache of a backbone's features, as they come out of an engine.

    Returns
    -------
    (cache, again)
        Whether it is empty while there are features of photos that were decoded by a former rule.
    """
    folders, half = cache_dir / "features", _half_wanted()
    name, *earlier = (
        _folder_name(backbone, engine, rule, half=half) for rule in range(_DECODE_RULE, -1, -1)
    )
    cache = FeatureCache(folders / name, backbone.spec.feature_dim, half=half)
    return cache, not len(cache) and any((folders / one).exists() for one in earlier)


def fill(
    cache: FeatureCache,
    batches: Iterable[tuple[list[str], list[Pixels]]],
    engine: Engine,
    report: Callable[[int], None],
) -> int:
    """Extract batches of pictures into a cache, shard by shard.

    Parameters
    ----------
    cache : FeatureCache
    batches : iterable of (keys, inputs)
        Keys of pictures, and what `Engine.run` takes of them.
    engine : Engine
    report : callable
        Called with the number of pictures so far.

    Returns
    -------
    int
        The number of pictures.
    """
    done: list[str] = []
    parts: list[npt.NDArray[np.float32]] = []
    count = 0

    def keep() -> None:
        if done:
            cache.add(done, np.concatenate(parts))
        done.clear()
        parts.clear()

    for keys, features in engine.run(batches):
        done += keys
        parts.append(features)
        count += len(keys)
        if len(done) >= _SHARD_ROWS:
            keep()
        report(count)
    keep()
    if count:
        cache.save_index()
    return count


def _extract(
    cache: FeatureCache,
    pictures: PictureSource,
    items: list[int],
    backbone: Backbone,
    engine: Engine,
    report: Callable[[int, int], None],
) -> None:
    """Extract pictures into the cache, each decoded now."""
    batches = (
        ([pictures.keys[item] for item in batch], inputs)
        for batch, inputs in picture_batches(pictures, items, [backbone.spec], engine.batch_size)
    )
    count = fill(cache, batches, engine, lambda done: report(done, len(items)))
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
