"""Which photos a model learnt from: digests in the metadata of its graph, which show no photo."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

__all__ = ["TrainedOn", "note_photos", "read_photos_noted"]

_METADATA = "pawlens.trained_on"
_BYTES = 5  # of 25,000 photos, one among 44 million others is taken for one of them
_SALT = 16


@dataclass(frozen=True)
class TrainedOn:
    """The photos that a model was trained on, as salted and shortened digests.

    Whoever has a photo can ask for it; nobody can tell a photo from its digest. The salt differs
    from one set of photos to the next, so that digests of two models have nothing in common. It
    follows from the photos, so that the same training writes the same file.

    Attributes
    ----------
    salt : bytes
    digests : frozenset of bytes
    """

    salt: bytes
    digests: frozenset[bytes]

    @classmethod
    def of(cls, sha256: Iterable[str]) -> TrainedOn:
        """Make the note of photos with these SHA-256, in hexadecimal."""
        contents = sorted(set(sha256))
        whole = hashlib.blake2b(digest_size=_SALT)
        for digest in contents:
            whole.update(bytes.fromhex(digest))
        salt = whole.digest()
        return cls(salt, frozenset(_digest(digest, salt) for digest in contents))

    def __contains__(self, sha256: str) -> bool:
        """Return whether the photo of a SHA-256 is in the note; at 25,000, 2 in 10^8 errors."""
        return _digest(sha256, self.salt) in self.digests

    def to_json(self) -> str:
        """Write the note as one line of JSON; 6.7 bytes a photo."""
        packed = base64.b64encode(b"".join(sorted(self.digests))).decode("ascii")
        return json.dumps({"salt": self.salt.hex(), "bytes": _BYTES, "digests": packed})

    @classmethod
    def from_json(cls, text: str) -> TrainedOn:
        """Read what `to_json` wrote; ValueError, KeyError or TypeError where it did not."""
        data = json.loads(text)
        if data["bytes"] != _BYTES:
            raise ValueError(f"digests of {data['bytes']} bytes, not {_BYTES}")
        packed = base64.b64decode(data["digests"], validate=True)
        if len(packed) % _BYTES:
            raise ValueError("digests are cut off")
        each = (packed[i : i + _BYTES] for i in range(0, len(packed), _BYTES))
        return cls(bytes.fromhex(data["salt"]), frozenset(each))


def note_photos(model: onnx.ModelProto, trained_on: TrainedOn) -> None:
    """Write the note into a graph's metadata."""
    model.metadata_props.add(key=_METADATA, value=trained_on.to_json())


def read_photos_noted(model: onnx.ModelProto) -> TrainedOn | None:
    """Read the note in a graph's metadata; None where there is none, as in older models."""
    text = next((p.value for p in model.metadata_props if p.key == _METADATA), None)
    if text is None:
        return None
    try:
        return TrainedOn.from_json(text)
    except (ValueError, KeyError, TypeError):
        return None


def _digest(sha256: str, salt: bytes) -> bytes:
    return hashlib.blake2b(bytes.fromhex(sha256), digest_size=_BYTES, salt=salt).digest()
