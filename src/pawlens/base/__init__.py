"""Tools that know nothing of photos: atomic files, ordered threads, a clock, a cache of rows."""

from ._clock import Clock
from ._doors import Door
from ._environment import environment
from ._extras import require
from ._files import PARTIAL, draft_of, make_folder, sync_folder, user_cache, write_atomic
from ._hashing import sha256_of
from ._parallel import Progress, cores, in_chunks, ordered_map
from ._row_cache import Kept
from ._version import __version__

__all__ = [
    "PARTIAL",
    "Clock",
    "Door",
    "Kept",
    "Progress",
    "__version__",
    "cores",
    "draft_of",
    "environment",
    "in_chunks",
    "make_folder",
    "ordered_map",
    "require",
    "sha256_of",
    "sync_folder",
    "user_cache",
    "write_atomic",
]
