"""One shard of a feature cache: a safetensors file that is mapped into memory, not read."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base import check_regular, write_atomic

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.floating]

__all__ = ["KEY_BYTES", "Shard", "open_shard", "write_shard"]

KEY_BYTES = 32
_TYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "U8": np.dtype("u1"),
}
_LONGEST_HEADER = 10_000


class Shard(NamedTuple):
    """The rows of a shard, on disk until they are looked at.

    Attributes
    ----------
    keys : ndarray of uint8, shape (n, 32)
        SHA-256 of the photos' bytes.
    features : ndarray of float32 or float16, shape (n, D)
    noted : int
        The checksum that the file itself notes; see `sum`.
    """

    keys: Keys
    features: Floats
    noted: int

    def sum(self) -> int:
        """Read the whole shard and compute its CRC-32, first of the keys, then of the features."""
        return _checksum(self.keys, self.features)


def write_shard(path: Path, keys: Keys, features: Floats) -> int:
    """Write a shard in one piece; return its checksum.

    Raises
    ------
    RunError
        The file cannot be written.
    """
    from safetensors.numpy import save

    total = _checksum(keys, features)
    write_atomic(path, save({"keys": keys, "features": features}, {"crc32": json.dumps(total)}))
    return total


def open_shard(path: Path, dim: int) -> Shard | None:
    """Map a shard of features of length `dim`; None where its form is wrong.

    Whether its values are those that were written only `Shard.sum` tells.
    """
    try:
        check_regular(path)
        held = np.memmap(path, np.uint8, "r")
        length = int.from_bytes(held[:8].tobytes(), "little")
        if not 0 < length <= _LONGEST_HEADER:
            return None
        header = json.loads(held[8 : 8 + length].tobytes())
        noted = int(header.pop("__metadata__")["crc32"])
        tensors = {name: _tensor(held, 8 + length, facts) for name, facts in header.items()}
        keys, features = tensors.pop("keys"), tensors.pop("features")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    sound = (
        not tensors
        and keys.dtype == np.uint8
        and features.dtype != np.uint8
        and keys.shape == (len(features), KEY_BYTES)
        and features.shape[1:] == (dim,)
        and len(held) == 8 + length + keys.nbytes + features.nbytes
    )
    return Shard(keys, features, noted) if sound else None


def _tensor(held: npt.NDArray[np.uint8], start: int, facts: Any) -> npt.NDArray[Any]:
    low, high = facts["data_offsets"]
    values: npt.NDArray[Any] = held[start + low : start + high].view(_TYPES[facts["dtype"]])
    return values.reshape(facts["shape"])


def _checksum(keys: Keys, features: Floats) -> int:
    return zlib.crc32(np.ascontiguousarray(features).data, zlib.crc32(keys.data))
