"""Photos whose bytes must stay what they were when they were first read."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import UnreadablePhoto

if TYPE_CHECKING:
    from pathlib import Path

    from ._photos import Photos
    from .stores import Store

__all__ = ["CHANGED", "pinned"]

CHANGED = "changed during the run: its bytes are no longer those that were read first"
"""Why a photo of a pinned table cannot be read."""


class _PinnedStore:
    """A store that gives a file's bytes only if they have the SHA-256 that is expected of it."""

    def __init__(self, store: Store, sha256: Mapping[str, str]) -> None:
        self._store: Store = store
        self._sha256: Mapping[str, str] = sha256
        if isinstance(store, _PinnedStore):
            self._store, self._sha256 = store._store, {**store._sha256, **sha256}
        self.location: Path = store.location
        self.requests: int = getattr(store, "requests", 0)

    def names(self) -> list[str]:
        return self._store.names()

    def head(self, name: str) -> bytes:
        return self._store.head(name)

    def read(self, name: str) -> bytes:
        data = self._store.read(name)
        expected = self._sha256.get(name)
        if expected and hashlib.sha256(data).hexdigest() != expected:
            raise UnreadablePhoto(CHANGED)
        return data


def pinned(photos: Photos, sha256: Sequence[str]) -> Photos:
    """Return the same table, each photo of which can be read only while its bytes are the same.

    Whatever is measured of a photo is kept under the hash of its bytes. So what is read after the
    hash was taken, by whatever part of a run, must be what was hashed; a table made from a pinned
    one is pinned too.

    Parameters
    ----------
    photos : Photos
    sha256 : sequence of str
        SHA-256 of each photo's bytes, in hexadecimal; empty where it is not known.

    Returns
    -------
    Photos
        Reading a photo that has changed is an `UnreadablePhoto` that says so.
    """
    expected = {path: sha for path, sha in zip(photos.paths, sha256, strict=True) if sha}
    same = copy.copy(photos)
    same._store = _PinnedStore(photos._store, expected)
    return same
