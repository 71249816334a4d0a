"""Features on disk: shards keyed by the content of the photos.

A cache folder belongs to one backbone, one set of weights, one preprocessing and one precision.
Each shard is a safetensors file with ``features`` float32 or float16 (n, D) and ``keys`` uint8
(n, 32), the SHA-256 of the photos' bytes. Shards are only ever added, each in one piece. An index
beside them says what is where, so that opening a cache reads no shard; the checksum of a shard is
verified when it is first read.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import make_folder
from ._index import ShardFacts, ShardIndex
from ._shard import Shard, open_shard, write_shard

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

__all__ = ["DamagedShard", "FeatureCache"]

_SUFFIX = ".safetensors"


class DamagedShard(Exception):
    """A shard was found damaged and set aside; its photos count as not extracted from now on."""


class FeatureCache:
    """A feature cache: the shards of one folder.

    Parameters
    ----------
    folder : Path
        Created if it is missing. A shard that is damaged is renamed to ``*.corrupt`` and its photos
        count as not extracted. Shards that the index does not know, as those of earlier versions,
        are read and verified now.
    feature_dim : int
        D, the length of the pooled features of one photo.
    half : bool
        Whether new shards hold float16, which takes half the space. A shard with values beyond
        float16 holds float32.
    """

    def __init__(self, folder: Path, feature_dim: int, *, half: bool = False) -> None:
        make_folder(folder)
        self._folder = folder
        self._dim = feature_dim
        self._half = half
        self._verified: set[int] = set()
        self.corrupt: list[Path] = []
        shards = sorted(folder.glob(f"*{_SUFFIX}"))
        sizes = {path.name: path.stat().st_size for path in shards if path.is_file()}
        self._index = ShardIndex.load(folder, sizes)
        known = {facts.name for facts in self._index.shards if facts}
        news = [path for path in shards if path.name not in known]
        for path in news:
            self._admit(path, sizes.get(path.name, 0))
        if news:
            self.save_index()

    def __contains__(self, key: str) -> bool:
        return bytes.fromhex(key) in self._index

    def __len__(self) -> int:
        return len(self._index)

    def missing(self, keys: Sequence[str]) -> list[int]:
        """Return the positions of hexadecimal keys that are not in the cache."""
        shard, _ = self._index.find(keys)
        return np.flatnonzero(shard < 0).tolist()

    def add(self, keys: Sequence[str], features: Floats) -> None:
        """Write one shard of hexadecimal SHA-256 keys and float32 (n, D) features."""
        held = np.frombuffer(bytes.fromhex("".join(keys)), np.uint8).reshape(len(keys), -1)
        values = np.ascontiguousarray(features, np.float32)
        if self._half:
            with np.errstate(over="ignore"):
                small = values.astype(np.float16)
            values = small if np.isfinite(small).all() else values  # type: ignore[assignment]
        path = self._folder / f"{sha256(held.tobytes()).hexdigest()[:16]}{_SUFFIX}"
        total = write_shard(path, held, values)
        self._index.add(ShardFacts(path.name, path.stat().st_size, total), held)

    def save_index(self) -> None:
        """Write the index, so that the next one who opens the cache reads no shard."""
        self._index.save(self._folder)

    def gather(self, keys: Sequence[str], out: Floats | None = None) -> Floats:
        """Return the features of the keys in order, float32 (n, D).

        Parameters
        ----------
        keys : sequence of str
        out : ndarray of float32, shape (n, D), optional
            Where they are put; new memory by default.

        Raises
        ------
        KeyError
            One is missing.
        DamagedShard
            A shard that holds some of them is damaged. All that are have been set aside.
        """
        shard, row = self._index.find(keys)
        if (shard < 0).any():
            raise KeyError(keys[int(np.argmin(shard))])
        features = np.empty((len(keys), self._dim), np.float32) if out is None else out
        order = np.argsort(shard, kind="stable")
        starts = np.flatnonzero(np.diff(shard[order], prepend=-1))
        damaged = 0
        for targets in np.split(order, starts[1:]) if len(order) else []:
            held = self._read(int(shard[targets[0]]))
            if held is None:
                damaged += 1
            elif not damaged:
                features[targets] = held.features[row[targets]]
        if damaged:
            self.save_index()
            raise DamagedShard(f"{self._folder}: {damaged} shards")
        return features

    def _read(self, number: int) -> Shard | None:
        """Map a shard, verified the first time; None where it is damaged, which sets it aside."""
        facts = self._index.shards[number]
        if facts is None:
            return None
        path = self._folder / facts.name
        shard = open_shard(path, self._dim)
        if shard is not None and number not in self._verified:
            shard = shard if shard.sum() == facts.sum else None
        if shard is None:
            self._index.drop(number)
            self._set_aside(path)
        else:
            self._verified.add(number)
        return shard

    def _admit(self, path: Path, size: int) -> None:
        """Verify a shard that the index does not know, and index it."""
        shard = open_shard(path, self._dim)
        if shard is None or shard.sum() != shard.noted:
            self._set_aside(path)
            return
        self._verified.add(len(self._index.shards))
        self._index.add(ShardFacts(path.name, size, shard.noted), shard.keys)

    def _set_aside(self, path: Path) -> None:
        if path.exists():
            path.replace(path.with_suffix(".corrupt"))
        self.corrupt.append(path)
