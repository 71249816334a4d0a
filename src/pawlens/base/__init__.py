"""Tools that know nothing of photos: atomic files, ordered threads, a clock, a cache of rows."""

from ._budget import Budget
from ._clock import Clock
from ._deprecated import deprecated
from ._doors import Door, instance_of
from ._environment import environment
from ._extras import require
from ._files import (
    PARTIAL,
    as_json,
    draft_of,
    make_folder,
    sync_folder,
    user_cache,
    write_atomic,
    write_json,
    write_table,
)
from ._first_few import first_few
from ._hashing import sha256_of
from ._lazy import lazy_name
from ._limited import (
    OutOfLimits,
    answer_within_limits,
    in_child_within_limits,
    limit_this_process,
)
from ._lock import LOCK, in_use
from ._notebook import Bar, bar_chart, data_uri, notebook_card, or_plain_text
from ._parallel import Progress, cores, in_chunks, ordered_map, tell
from ._plain import cell, of_cell, plain
from ._ranks import ranks
from ._regular import check_regular, open_regular, read_regular
from ._room import BLOCK_ROWS, matrix_room
from ._row_cache import RowCache
from ._seal import (
    SEAL_KEY,
    SUMS,
    check_sum,
    is_intact,
    seal_file,
    sealed,
    unsealed,
    update_sum,
    write_sums,
)
from ._tables import ColumnType, check_columns, one_line, read_table
from ._tabular import Tabular
from ._version import __version__
from ._watch import Watcher, watched

__all__ = [
    "BLOCK_ROWS",
    "LOCK",
    "PARTIAL",
    "SEAL_KEY",
    "SUMS",
    "Bar",
    "Budget",
    "Clock",
    "ColumnType",
    "Door",
    "OutOfLimits",
    "Progress",
    "RowCache",
    "Tabular",
    "Watcher",
    "__version__",
    "answer_within_limits",
    "as_json",
    "bar_chart",
    "cell",
    "check_columns",
    "check_regular",
    "check_sum",
    "cores",
    "data_uri",
    "deprecated",
    "draft_of",
    "environment",
    "first_few",
    "in_child_within_limits",
    "in_chunks",
    "in_use",
    "instance_of",
    "is_intact",
    "lazy_name",
    "limit_this_process",
    "make_folder",
    "matrix_room",
    "notebook_card",
    "of_cell",
    "one_line",
    "open_regular",
    "or_plain_text",
    "ordered_map",
    "plain",
    "ranks",
    "read_regular",
    "read_table",
    "require",
    "seal_file",
    "sealed",
    "sha256_of",
    "sync_folder",
    "tell",
    "unsealed",
    "update_sum",
    "user_cache",
    "watched",
    "write_atomic",
    "write_json",
    "write_sums",
    "write_table",
]
