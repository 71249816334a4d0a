"""Memory that was used once and is free is given back to the system, again and again."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["keep_giving_back"]

_SECONDS = 10.0


async def keep_giving_back() -> None:
    """Give free memory back every ten seconds, until it is cancelled.

    glibc keeps freed memory for its threads. Photos of all sizes leave gaps in it, so that without
    this a server grows for hours to what its worst moments took together.
    """
    give_back = _give_back()
    while give_back is not None:
        await asyncio.sleep(_SECONDS)
        await asyncio.to_thread(give_back, 0)


@cache
def _give_back() -> Callable[[int], Any] | None:
    """glibc's ``malloc_trim``, which holds no lock of Python's; None where there is none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return None
