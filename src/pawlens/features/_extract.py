"""Feature extraction: decoding and inference overlap, and features are kept by content."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, BackboneSpec, Engine
from ..base import Progress, cores, in_chunks, ordered_map
from ..errors import MissingExtra, UnreadablePhoto
from ..photos import Photos, decode, resize, trim
from ._cache import FeatureCache

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Features", "Window", "extract_features", "hash_photos", "photo_batches"]

Window = tuple[float, float, float, float]
"""A part of a photo: left, top, right and bottom as shares of its sides."""

_SHARD_ROWS = 256
_HASHED_TOGETHER = 16
_WAITING = 64  # decoded photos of each thread, so that neither side waits for the other
_DECODE_RULE = 2  # raise when `decode` or `resize` change what a backbone sees
_TRIM_RULE = 1  # raise when `trim` changes what a backbone sees


@dataclass(frozen=True)
class Features:
    """Pooled features of a table of photos.

    Attributes
    ----------
    matrix : ndarray of float32, shape (m, D)
        One row for each distinct photo content.
    index : ndarray of int64, shape (n,)
        The row in `matrix` of each photo of the table; -1 where it could not be decoded.
    extracted : int
        Number of rows that were computed now; the others came from the cache.
    """

    matrix: npt.NDArray[np.float32]
    index: npt.NDArray[np.int64]
    extracted: int


def extract_features(
    photos: Photos,
    backbone: Backbone,
    engine: Engine,
    *,
    cache_dir: Path,
    hashes: Sequence[str] | None = None,
    trimmed: Container[int] = (),
    progress: Progress | None = None,
) -> Features:
    """Compute, or fetch from the cache, the pooled features of every photo.

    Parameters
    ----------
    photos : Photos
    backbone : Backbone
    engine : Engine
        An engine for the backbone, from `open_engine`.
    cache_dir : Path
        Features go to ``cache_dir/features`` as they are computed, so that memory does not grow
        with the number of photos until the matrix is read at the end, and a killed extraction
        goes on where it was.
    hashes : sequence of str, optional
        SHA-256 of each photo's bytes, empty for photos to leave out; computed when not given.
    trimmed : container of int, optional
        Rows whose plain border is cut off. Their features are kept apart from those of the whole
        photos; equal contents must be treated alike.
    progress : callable, optional
    """
    keys = list(hashes) if hashes is not None else hash_photos(photos)
    keys = [_trimmed_key(key) if key and i in trimmed else key for i, key in enumerate(keys)]
    folder = cache_dir / "features" / _folder_name(backbone, engine)
    cache = FeatureCache(folder, backbone.spec.feature_dim)
    first_rows = {key: row for row, key in reversed(list(enumerate(keys))) if key}
    rows = sorted(row for key, row in first_rows.items() if key not in cache)
    label = f"features of {backbone.spec.name}"
    batches = photo_batches(photos, rows, [backbone.spec], engine.batch_size, trimmed=trimmed)
    done = 0
    for done in _fill(cache, batches, keys, engine):
        if progress is not None:
            progress(label, done, len(rows))
    if progress is not None and done < len(rows):  # those that could not be decoded
        progress(label, len(rows), len(rows))
    cached_keys = [key for key in dict.fromkeys(keys) if key in cache]
    row_of = {key: row for row, key in enumerate(cached_keys)}
    index = np.array([row_of.get(key, -1) for key in keys], np.int64)
    return Features(cache.gather(cached_keys), index, len(rows))


def photo_batches(
    photos: Photos,
    rows: Iterable[int],
    specs: Sequence[BackboneSpec],
    batch_size: int,
    *,
    trimmed: Container[int] = (),
    windows: Mapping[int, Window] | None = None,
) -> Iterator[tuple[list[int], list[Pixels]]]:
    """Decode and resize photos in threads, in order; the rows in `trimmed` without their border.

    A window restricts a row to that part of the picture inside the border.

    Yields
    ------
    (rows, inputs)
        Up to `batch_size` rows that could be decoded, and for each spec their pixels, uint8
        (n, S, S, 3). Rows that could not be decoded are left out.
    """

    def pixels(row: int) -> list[Pixels] | None:
        try:
            data = photos.read_bytes(row)
            window = (windows or {}).get(row)
            return [_pixels(data, spec, row in trimmed, window) for spec in specs]
        except (UnreadablePhoto, MissingExtra):
            return None

    def prepare(chunk: Sequence[int]) -> tuple[list[int], list[Pixels]]:
        decoded = [(row, seen) for row in chunk if (seen := pixels(row)) is not None]
        return [row for row, _ in decoded], [
            np.stack(inputs) for inputs in zip(*(p for _, p in decoded), strict=True)
        ]

    chunks, ahead = in_chunks(rows, batch_size), max(2, _WAITING // batch_size)
    for batch in ordered_map(prepare, chunks, workers=cores(), ahead=ahead):
        if batch[0]:
            yield batch


def hash_photos(photos: Photos) -> list[str]:
    """Compute the SHA-256 of each photo's bytes in hexadecimal; empty where unreadable."""

    def digests(chunk: Sequence[int]) -> list[str]:
        return [_digest(photos, row) for row in chunk]

    chunks = in_chunks(range(len(photos)), _HASHED_TOGETHER)
    return [digest for part in ordered_map(digests, chunks, workers=cores()) for digest in part]


def _digest(photos: Photos, row: int) -> str:
    try:
        return hashlib.sha256(photos.read_bytes(row)).hexdigest()
    except UnreadablePhoto:
        return ""


def _pixels(data: bytes, spec: BackboneSpec, trimmed: bool, window: Window | None) -> Pixels:
    left, top, right, bottom = window or (0.0, 0.0, 1.0, 1.0)
    pixels = decode(data, min_side=math.ceil(spec.input_size / min(right - left, bottom - top)))
    if trimmed and trim(pixels).shape != pixels.shape:
        # Where there is a border, its box and the picture in it come from all pixels, as in the
        # graph: what a reduced scale leaves of the picture could be less than the input.
        pixels = trim(decode(data))
    if window is not None:
        height, width = pixels.shape[:2]
        y, x = int(top * height), int(left * width)
        end_y, end_x = math.ceil(bottom * height), math.ceil(right * width)
        pixels = pixels[y:end_y, x:end_x]
    return resize(pixels, spec.input_size, spec.interpolation)


def _trimmed_key(key: str) -> str:
    return hashlib.sha256(f"trim {_TRIM_RULE} {key}".encode()).hexdigest()


def _fill(
    cache: FeatureCache,
    batches: Iterator[tuple[list[int], list[Pixels]]],
    keys: Sequence[str],
    engine: Engine,
) -> Iterator[int]:
    """Extract batches into the cache, shard by shard; yields how many photos are done."""
    done: list[int] = []
    parts: list[npt.NDArray[np.float32]] = []
    count = 0
    for batch_rows, features in engine.run(batches):
        done += batch_rows
        parts.append(features)
        count += len(batch_rows)
        if len(done) >= _SHARD_ROWS:
            cache.add([keys[row] for row in done], np.concatenate(parts))
            done, parts = [], []
        yield count
    if done:
        cache.add([keys[row] for row in done], np.concatenate(parts))


def _folder_name(backbone: Backbone, engine: Engine) -> str:
    spec = backbone.spec
    arithmetic = [engine.precision, engine.device]
    facts = [backbone.weights_hash, spec.preprocessing_hash, *arithmetic, _DECODE_RULE]
    digest = hashlib.sha256(json.dumps([spec.name, *facts]).encode()).hexdigest()
    return f"{spec.name}-{spec.input_size}-{engine.precision}-{digest[:16]}"
