"""From a place to rows of photos: folders, lists beside them, shards."""

from ._reading import open_store, read_source

__all__ = [
    "open_store",
    "read_source",
]
