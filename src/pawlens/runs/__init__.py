"""The run folder: writing it, reading it back, joining several of them."""

from ._caveats import notes_of, settings_that_differ
from ._files import LEARNT_FROM
from ._files import VERSION as RUN_VERSION
from ._folder import OWN_CACHE, RunFolder, is_finished, next_free
from ._join import Joined, join_runs
from ._photos import check_unchanged, decoded, on_readable, stored_photos, thumbnail
from ._run import Run

__all__ = [
    "LEARNT_FROM",
    "OWN_CACHE",
    "RUN_VERSION",
    "Joined",
    "Run",
    "RunFolder",
    "check_unchanged",
    "decoded",
    "is_finished",
    "join_runs",
    "next_free",
    "notes_of",
    "on_readable",
    "settings_that_differ",
    "stored_photos",
    "thumbnail",
]
