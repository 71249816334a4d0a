"""Pictures for the page: small JPEGs of photos, made by threads and kept in memory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from ..base import cores
from ..errors import UnreadablePhoto
from ..photos import Photos, Side, decode, jpeg

__all__ = ["Pictures"]

_QUALITY = {Side.GRID: 80, Side.SCREEN: 88}
_KEPT_BYTES = 64 * 1024 * 1024


class Pictures:
    """A cache of JPEGs of photos at two sizes; the page never gets a photo's own bytes.

    Parameters
    ----------
    photos : Photos
    kept_bytes : int
        Size of the cache in bytes; the least recently used pictures are dropped first.
    """

    def __init__(self, photos: Photos, *, kept_bytes: int = _KEPT_BYTES) -> None:
        self._photos = photos
        self._limit = kept_bytes
        self._kept: OrderedDict[tuple[str, Side], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(cores(), thread_name_prefix="pawlens-pictures")

    def submit(self, row: int, sha256: str, side: Side) -> Future[bytes]:
        """Have a picture made by a thread; see `make`."""
        return self._pool.submit(self.make, row, sha256, side)

    def make(self, row: int, sha256: str, side: Side) -> bytes:
        """Make a JPEG of a photo whose longer side is at most `side` pixels.

        Raises
        ------
        UnreadablePhoto
            The photo cannot be decoded, or its bytes are not those that were audited.
        """
        key = sha256, side
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        data = self._photos.read_bytes(row)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadablePhoto("changed since the audit; run pawlens audit again")
        picture = jpeg(decode(data, min_side=side), side, quality=_QUALITY[side])
        with self._lock:
            if key not in self._kept:
                self._kept[key] = picture
                self._bytes += len(picture)
            while self._bytes > self._limit and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return picture

    def close(self) -> None:
        """Stop the threads; pictures that are no longer waited for are not made."""
        self._pool.shutdown(wait=False, cancel_futures=True)
