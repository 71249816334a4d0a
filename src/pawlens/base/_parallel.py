"""Ordered parallel work in bounded memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from ..errors import UsageError

__all__ = ["Progress", "cores", "in_chunks", "ordered_map", "tell"]

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is."""


def tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    """Tell how far something is, where anybody wants to know."""
    if progress is not None:
        progress(what, done, total)


def cores() -> int:
    """Return how many processors this process uses: all that it may, or `$PAWLENS_CORES`.

    A container with a quota, or one of several workers on a machine, sees all processors and should
    not fill them with threads.

    Raises
    ------
    UsageError
        The variable is no number from 1 on.
    """
    wanted = os.environ.get("PAWLENS_CORES")
    if wanted is not None:
        if not wanted.isdecimal() or int(wanted) < 1:
            raise UsageError(f"PAWLENS_CORES={wanted}: set it to a number, or leave it out")
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of `size` items in order, the last one shorter.

    Where an item takes a millisecond, handing it to another thread costs a tenth of that.
    """
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, ahead: int = 16
) -> Iterator[Result]:
    """Yield ``function(item)`` in the order of `items`, computed by threads.

    At most `workers` x `ahead` results wait at any time, so memory does not grow with the input.
    For functions that release the interpreter's lock: reading, hashing, decoding, resizing.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="pawlens") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= workers * ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
