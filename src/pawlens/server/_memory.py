"""Memory of a server stays what its busiest moment takes: few heaps, and what is free goes back."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from ..base import cores

__all__ = ["keep_giving_back", "share_heaps"]

_SECONDS = 10.0
_FEWEST_HEAPS = 2
_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_heaps() -> None:
    """Let all threads that start from now on share a heap for each core.

    glibc gives each thread a heap of its own, up to eight for each core, and each grows to the
    worst that its thread has met: an hour later a server holds the sum of all threads' worst
    moments, though they never came together. More threads than cores do not allocate at once.
    """
    if (option := _of_glibc("mallopt")) is not None:
        option(_M_ARENA_MAX, max(cores(), _FEWEST_HEAPS))


async def keep_giving_back() -> None:
    """Give free memory back every ten seconds, until it is cancelled.

    glibc keeps freed memory for its threads. Photos of all sizes leave gaps in it, so that without
    this a server grows for hours to what its worst moments took together.
    """
    give_back = _of_glibc("malloc_trim")  # it holds no lock of Python's
    while give_back is not None:
        await asyncio.sleep(_SECONDS)
        await asyncio.to_thread(give_back, 0)


@cache
def _of_glibc(name: str) -> Callable[..., Any] | None:
    """A function of glibc; None where there is another C library, or Windows."""
    try:
        function: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
    return function
