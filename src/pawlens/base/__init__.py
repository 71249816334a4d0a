"""What knows nothing of photos: whole files, ordered threads, a clock, a cache of rows."""

from ._clock import Clock
from ._doors import Door
from ._environment import environment
from ._extras import require
from ._files import (
    PARTIAL,
    draft_of,
    make_folder,
    sync_folder,
    user_cache,
    write_atomic,
    write_json,
    write_table,
)
from ._hashing import sha256_of
from ._parallel import Progress, cores, in_chunks, ordered_map, tell
from ._row_cache import RowCache
from ._tables import ColumnType, check_columns, one_line, read_table
from ._version import __version__

__all__ = [
    "PARTIAL",
    "Clock",
    "ColumnType",
    "Door",
    "Progress",
    "RowCache",
    "__version__",
    "check_columns",
    "cores",
    "draft_of",
    "environment",
    "in_chunks",
    "make_folder",
    "one_line",
    "ordered_map",
    "read_table",
    "require",
    "sha256_of",
    "sync_folder",
    "tell",
    "user_cache",
    "write_atomic",
    "write_json",
    "write_table",
]
