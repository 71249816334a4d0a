"""Batches: photos that wait while all threads are busy are decoded and answered together."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._metrics import Metrics

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]

__all__ = ["BATCH", "Answers", "Batches"]

BATCH = 4
"""Photos that are answered together where as many wait; see `OpenVinoEngine`."""

_LARGE = 4_000_000  # pixels of a photo that nobody waits for who came with it


class Answers(Protocol):
    """An engine for batches of one size, safe to use from several threads."""

    batch_size: int

    def answer(self, inputs: Sequence[Pixels]) -> Floats:
        """Answer one batch: uint8 (n, S, S, 3) for each input, to float32 (n, D)."""


class _Waiting(NamedTuple):
    data: bytes
    future: asyncio.Future[Any]
    since: float


Given = TypeVar("Given")


class Batches(Generic[Given]):
    """Joins the photos of all requests into batches for one model.

    A photo never waits for others: while a thread is free it is answered alone, and only what has
    come in while all were busy goes on together. One thread takes a batch the whole way, decoding
    and engine: each change of threads costs a tenth of what the engine does.

    Parameters
    ----------
    single, joined : Answers
        Engines for one photo and for `BATCH` photos. A short batch is not padded: that would make
        everyone in it wait for photos that are none.
    size : callable
        Tells the number of pixels of a photo from its header. What it raises is the photo's answer.
    decode : callable
        Decodes a photo into what each backbone sees, uint8 (S, S, 3). What it raises is the
        photo's answer.
    finish : callable
        Makes the answers to a batch, one for each photo, of its outputs, float32 (n, D).
    threads : int
        Batches that are under way at the same time.
    metrics : Metrics
        Told the size of each batch, and the seconds of a photo in each stage.
    """

    def __init__(
        self,
        single: Answers,
        joined: Answers,
        *,
        size: Callable[[bytes], int],
        decode: Callable[[bytes], Sequence[Pixels]],
        finish: Callable[[Floats], Sequence[Given]],
        threads: int,
        metrics: Metrics,
    ) -> None:
        self._single, self._joined = single, joined
        self._size, self._decode, self._finish = size, decode, finish
        self._metrics = metrics
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._work, name=f"engine_{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()
        atexit.register(self._end)  # a thread that computes while Python ends would crash it

    def __len__(self) -> int:
        """Photos that wait."""
        return self._waiting.qsize()

    async def answer(self, data: bytes) -> Given:
        """Answer one photo; cancelled before its turn, it is not computed.

        Parameters
        ----------
        data : bytes
            Content of the photo's file.
        """
        future: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._waiting.put(_Waiting(data, future, perf_counter()))
        return await future

    def close(self) -> None:
        """Let the threads go once they have answered what waits."""
        atexit.unregister(self._end)
        for _ in self._threads:
            self._waiting.put(None)

    def _end(self) -> None:
        """Let the threads go, and wait until they have gone."""
        self.close()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Answer batch after batch, as one of the threads."""
        while (first := self._waiting.get()) is not None:
            small: list[_Waiting] = []
            large: list[_Waiting] = []
            for entry in self._with_others(first):
                try:
                    (large if self._size(entry.data) > _LARGE else small).append(entry)
                except Exception as error:
                    _give(entry, error)
            self._answer(small)
            for entry in large:
                self._answer([entry])

    def _with_others(self, first: _Waiting) -> list[_Waiting]:
        """Take what makes a full batch with the first, if as many wait; not those who left."""
        taken = [first]
        if self._waiting.qsize() >= BATCH - 1:
            with suppress(Empty):  # another thread was faster
                while len(taken) < BATCH:
                    entry = self._waiting.get_nowait()
                    if entry is None:  # another thread is to end
                        self._waiting.put(None)
                        break
                    if not entry.future.done():
                        taken.append(entry)
        return [entry for entry in taken if not entry.future.done()]

    def _answer(self, entries: Sequence[_Waiting]) -> None:
        """Decode photos and answer them: a full batch together, fewer one by one."""
        decoded: list[tuple[_Waiting, Sequence[Pixels]]] = []
        for entry in entries:
            begun = perf_counter()
            self._metrics.observe("wait", begun - entry.since)
            try:
                decoded.append((entry, self._decode(entry.data)))
            except Exception as error:
                _give(entry, error)
            self._metrics.observe("decode", perf_counter() - begun)
        if len(decoded) == BATCH:
            self._compute(self._joined, decoded)
        else:
            for pair in decoded:
                self._compute(self._single, [pair])

    def _compute(
        self, engine: Answers, decoded: Sequence[tuple[_Waiting, Sequence[Pixels]]]
    ) -> None:
        begun = perf_counter()
        self._metrics.batches.observe(len(decoded))
        inputs = [np.stack(seen) for seen in zip(*(squares for _, squares in decoded), strict=True)]
        outcomes: Sequence[Given | Exception]
        try:
            outcomes = self._finish(engine.answer(inputs))
        except Exception as error:
            outcomes = [error] * len(decoded)
        seconds = perf_counter() - begun
        for (entry, _), outcome in zip(decoded, outcomes, strict=True):
            self._metrics.observe("engine", seconds)
            _give(entry, outcome)


def _give(entry: _Waiting, outcome: object) -> None:
    """Hand an outcome to whoever waits for it, in the thread of their loop."""
    with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
        entry.future.get_loop().call_soon_threadsafe(_set, entry.future, outcome)


def _set(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():  # its client left meanwhile
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
