"""What knows nothing of photos: whole files, ordered threads, a clock, a cache of rows."""

from ._clock import Clock
from ._deprecated import deprecated
from ._doors import Door
from ._environment import environment
from ._extras import require
from ._files import PARTIAL, draft_of, make_folder, sync_folder, user_cache, write_atomic
from ._hashing import sha256_of
from ._lazy import lazy_name
from ._notebook import Bar, bar_chart, data_uri, notebook_card, or_plain_text
from ._parallel import Progress, cores, in_chunks, ordered_map
from ._row_cache import Kept
from ._tabular import Tabular
from ._version import __version__
from ._watch import Watcher, watched

__all__ = [
    "PARTIAL",
    "Bar",
    "Clock",
    "Door",
    "Kept",
    "Progress",
    "Tabular",
    "Watcher",
    "__version__",
    "bar_chart",
    "cores",
    "data_uri",
    "deprecated",
    "draft_of",
    "environment",
    "in_chunks",
    "lazy_name",
    "make_folder",
    "notebook_card",
    "or_plain_text",
    "ordered_map",
    "require",
    "sha256_of",
    "sync_folder",
    "user_cache",
    "watched",
    "write_atomic",
]
