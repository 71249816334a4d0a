"""Which photo lies in which shard of a feature cache, so that opening it reads no shard."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import read_regular, write_atomic
from ..errors import RunError

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int32]

__all__ = ["INDEX", "ShardFacts", "ShardIndex"]

INDEX = "shards.index"
"""Name of the index in the folder of a cache; it can be deleted, and is made again."""

_MAGIC = b"pawlens shards 1\n"
_WAITING = 50_000  # new rows that are kept apart until they are sorted in
_KEY = np.dtype("S32")
_PLACE = np.dtype([("shard", "<i4"), ("row", "<i4")])


class ShardFacts(NamedTuple):
    """What the index knows of a shard: its name, its size in bytes, and its checksum."""

    name: str
    size: int
    sum: int


class ShardIndex:
    """The place of each photo: sorted keys, so that a million of them are looked up in one step.

    Attributes
    ----------
    shards : list of ShardFacts or None
        By the number that `find` gives; None where a shard was dropped.
    """

    def __init__(self) -> None:
        self.shards: list[ShardFacts | None] = []
        self._keys = np.empty(0, _KEY)
        self._places = np.empty(0, _PLACE)
        self._news: dict[bytes, tuple[int, int]] = {}

    def __len__(self) -> int:
        self._sort_in()
        return len(self._keys)

    def __contains__(self, key: bytes) -> bool:
        if key in self._news:
            return True
        at = int(np.searchsorted(self._keys, np.bytes_(key)))
        return at < len(self._keys) and self._keys[at] == key.rstrip(b"\0")

    def add(self, facts: ShardFacts, keys: npt.NDArray[np.uint8]) -> None:
        """Add a shard with keys uint8 (n, 32); of equal keys the last one counts."""
        number = len(self.shards)
        self.shards.append(facts)
        self._news |= {bytes(key): (number, row) for row, key in enumerate(keys)}
        if len(self._news) >= _WAITING:
            self._sort_in()

    def drop(self, number: int) -> None:
        """Forget a shard and its photos."""
        self._sort_in()
        stays = self._places["shard"] != number
        self._keys, self._places = self._keys[stays], self._places[stays]
        self.shards[number] = None

    def find(self, keys: Sequence[str]) -> tuple[Ints, Ints]:
        """Look up hexadecimal keys: shard and row of each, int32 (n,); -1 where it is missing."""
        self._sort_in()
        wanted = np.frombuffer(bytes.fromhex("".join(keys)), _KEY)
        shard, row = np.full((2, len(wanted)), -1, np.int32)
        if len(self._keys):
            at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
            there = self._keys[at] == wanted
            shard[there], row[there] = (self._places[name][at[there]] for name in ("shard", "row"))
        return shard, row

    def save(self, folder: Path) -> None:
        """Write the index, where the folder can be written; it only saves time."""
        self._sort_in()
        stays = [number for number, facts in enumerate(self.shards) if facts is not None]
        renumbered = np.full(len(self.shards), -1, np.int32)
        renumbered[stays] = np.arange(len(stays))
        places = self._places.copy()
        places["shard"] = renumbered[places["shard"]]
        facts = [self.shards[number] for number in stays]
        head = json.dumps({"shards": facts, "rows": len(places)}).encode()
        parts = (len(head).to_bytes(8, "little"), head, self._keys.tobytes(), places.tobytes())
        content = b"".join(parts)
        try:
            write_atomic(folder / INDEX, _MAGIC + b"%08x\n" % zlib.crc32(content) + content)
        except RunError:
            return

    @classmethod
    def load(cls, folder: Path, sizes: dict[str, int]) -> ShardIndex:
        """Read the index of a folder; empty where there is none, or it is damaged.

        Parameters
        ----------
        folder : Path
        sizes : dict of str to int
            The shards that are there, and their sizes; what the index says of others is dropped.
        """
        index = cls()
        try:
            data = memoryview(read_regular(folder / INDEX))
        except OSError:
            return index
        start = len(_MAGIC) + 9
        if data[:start] != _MAGIC + b"%08x\n" % zlib.crc32(data[start:]):
            return index
        length = int.from_bytes(data[start : start + 8], "little")
        end = start + 8 + length
        facts = json.loads(bytes(data[start + 8 : end]))
        middle = end + facts["rows"] * _KEY.itemsize
        index._keys = np.frombuffer(data[end:middle], _KEY)
        index._places = np.frombuffer(data[middle:], _PLACE)
        index.shards = [ShardFacts(*shard) for shard in facts["shards"]]
        gone = [n for n, one in enumerate(index.shards) if one and sizes.get(one.name) != one.size]
        if gone:
            stays = ~np.isin(index._places["shard"], gone)
            index._keys, index._places = index._keys[stays], index._places[stays]
            for number in gone:
                index.shards[number] = None
        return index

    def _sort_in(self) -> None:
        """Sort new rows in; what they replace is left out."""
        if not self._news:
            return
        keys = np.frombuffer(b"".join(self._news), _KEY)
        places = np.array(list(self._news.values()), _PLACE)
        order = np.argsort(keys, kind="stable")
        keys, places = keys[order], places[order]
        self._news = {}
        at = np.searchsorted(self._keys, keys)
        twice = (
            at[self._keys[np.minimum(at, len(self._keys) - 1)] == keys] if len(self._keys) else []
        )
        kept, kept_places = np.delete(self._keys, twice), np.delete(self._places, twice)
        at = np.searchsorted(kept, keys)
        self._keys = np.insert(kept, at, keys)
        self._places = np.insert(kept_places, at, places)
