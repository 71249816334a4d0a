"""Batches: squares of photos that wait while the engine is busy are answered together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]
    Waiting = tuple[Sequence[Pixels], asyncio.Future[Floats]]

__all__ = ["BATCH", "Answers", "Batches"]

BATCH = 4
"""Photos that are answered together where as many wait; see `OpenVinoEngine`."""


class Answers(Protocol):
    """An engine for batches of one size, safe to use from several threads."""

    batch_size: int

    def answer(self, inputs: Sequence[Pixels]) -> Floats:
        """Answer one batch: uint8 (n, S, S, 3) for each input, to float32 (n, D)."""


class Batches:
    """Joins the photos of all requests into batches for one model.

    A photo never waits for others: while the engine is free it is answered alone, and only what has
    come in while the engine was busy goes on together.

    Parameters
    ----------
    single, joined : Answers
        Engines for one photo and for `BATCH` photos. A short batch is not padded: that would make
        everyone in it wait for photos that are none.
    threads : int
        Batches that are computed at the same time.
    measure : callable
        Told how many photos each batch has.
    """

    def __init__(
        self,
        single: Answers,
        joined: Answers,
        *,
        threads: int,
        measure: Callable[[int], None] = lambda photos: None,
    ) -> None:
        self._single, self._joined = single, joined
        self._measure = measure
        self._free = threads
        self._waiting: deque[Waiting] = deque()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="engine")
        self._busy: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Photos that wait."""
        return len(self._waiting)

    async def answer(self, squares: Sequence[Pixels]) -> Floats:
        """Answer one photo, float32 (D,); cancelled before its turn, it is not computed.

        Parameters
        ----------
        squares : sequence of ndarray of uint8, shape (S, S, 3)
            The photo as each backbone sees it.
        """
        future: asyncio.Future[Floats] = asyncio.get_running_loop().create_future()
        self._waiting.append((squares, future))
        self._start()
        return await future

    def close(self) -> None:
        """Let the threads go once they have finished what they compute."""
        self._pool.shutdown(wait=False)

    def _start(self) -> None:
        """Start a batch on every free thread for which a photo waits."""
        while self._free and (batch := self._next()):
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._compute(batch))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    def _next(self) -> list[Waiting]:
        """Take the next photos: a full batch, or one; those whose client left are dropped."""
        batch: list[Waiting] = []
        while self._waiting and len(batch) < BATCH:
            entry = self._waiting.popleft()
            if not entry[1].done():
                batch.append(entry)
        if len(batch) < BATCH:
            self._waiting.extendleft(reversed(batch[1:]))
            return batch[:1]
        return batch

    async def _compute(self, batch: list[Waiting]) -> None:
        engine = self._single if len(batch) == 1 else self._joined
        inputs = [np.stack(squares) for squares in zip(*(s for s, _ in batch), strict=True)]
        self._measure(len(batch))
        try:
            loop = asyncio.get_running_loop()
            rows = await loop.run_in_executor(self._pool, engine.answer, inputs)
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), row in zip(batch, rows, strict=True):
                if not future.done():
                    future.set_result(row)
        finally:
            self._free += 1
            self._start()
