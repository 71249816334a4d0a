"""The run folder: written atomically, read back."""

from ._folder import OWN_CACHE, RunFolder, next_free
from ._run import Run

__all__ = ["OWN_CACHE", "Run", "RunFolder", "next_free"]
