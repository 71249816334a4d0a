"""Features on disk: shards keyed by the content of the photos.

A cache folder belongs to one backbone, one set of weights, one preprocessing and one precision.
Each shard is a safetensors file with ``features`` float32 (n, D) and ``keys`` uint8 (n, 32), the
SHA-256 of the photos' bytes. Shards are only ever added, each in one piece.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import check_regular, make_folder, write_atomic

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

__all__ = ["FeatureCache"]

_SUFFIX = ".safetensors"


class FeatureCache:
    """A feature cache: the shards of one folder.

    Parameters
    ----------
    folder : Path
        Created if it is missing. A shard that is damaged is renamed to ``*.corrupt`` and its photos
        count as not extracted.
    feature_dim : int
        D, the length of the pooled features of one photo.
    """

    def __init__(self, folder: Path, feature_dim: int) -> None:
        make_folder(folder)
        self._folder = folder
        self._dim = feature_dim
        self._rows: dict[str, tuple[Path, int]] = {}
        self.corrupt: list[Path] = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            self._index(path)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, keys: Sequence[str], features: Floats) -> None:
        """Write one shard of hexadecimal SHA-256 keys and float32 (n, D) features."""
        from safetensors.numpy import save

        tensors: dict[str, npt.NDArray[np.generic]] = {
            "keys": np.array([list(bytes.fromhex(key)) for key in keys], np.uint8),
            "features": np.ascontiguousarray(features, np.float32),
        }
        name = sha256(tensors["keys"].tobytes()).hexdigest()[:16]
        path = self._folder / f"{name}{_SUFFIX}"
        write_atomic(path, save(tensors, {"crc32": json.dumps(_checksum(tensors))}))
        self._rows |= {key: (path, row) for row, key in enumerate(keys)}

    def gather(self, keys: Sequence[str]) -> Floats:
        """Return the features of the keys in order, float32 (n, D); KeyError if one is missing."""
        from safetensors.numpy import load_file

        wanted: dict[Path, list[tuple[int, int]]] = {}
        for target, key in enumerate(keys):
            path, row = self._rows[key]
            wanted.setdefault(path, []).append((target, row))
        features = np.empty((len(keys), self._dim), np.float32)
        for path, pairs in wanted.items():
            targets, rows = np.array(pairs).T
            features[targets] = load_file(path)["features"][rows]
        return features

    def _index(self, path: Path) -> None:
        keys = self._read_keys(path)
        if keys is None:
            path.replace(path.with_suffix(".corrupt"))
            self.corrupt.append(path)
            return
        self._rows |= {bytes(key).hex(): (path, row) for row, key in enumerate(keys)}

    def _read_keys(self, path: Path) -> npt.NDArray[np.uint8] | None:
        """Read the keys of a shard; None where anything about the shard is wrong."""
        from safetensors import SafetensorError, safe_open

        try:
            check_regular(path)
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in ("keys", "features")}
        except (SafetensorError, OSError, ValueError):
            return None
        keys, features = tensors["keys"], tensors["features"]
        sound = (
            metadata.get("crc32") == json.dumps(_checksum(tensors))
            and features.dtype == np.float32
            and keys.shape == (len(features), 32)
            and features.shape[1:] == (self._dim,)
        )
        return keys if sound else None


def _checksum(tensors: dict[str, npt.NDArray[np.generic]]) -> int:
    return zlib.crc32(tensors["features"].tobytes(), zlib.crc32(tensors["keys"].tobytes()))
