"""Batches: nobody waits while the engine is free, full batches form behind a busy one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.errors import UnreadablePhoto
from pawlens.server._batches import BATCH, Batches
from pawlens.server._metrics import Metrics


class Adder:
    """An engine that answers the sum of each square, once it is let go."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.sizes: list[int] = []
        self.free = threading.Event()

    def answer(self, inputs: Sequence[Any]) -> Any:
        assert self.free.wait(10)
        self.sizes.append(len(inputs[0]))
        if (inputs[0] == 255).all():
            raise RuntimeError("broken")
        return inputs[0].reshape(len(inputs[0]), -1).sum(axis=1, keepdims=True)


LARGE = 200  # a photo of this value says that it has many pixels
DAMAGED = 99
DECODED: list[int] = []


def decode(data: bytes) -> list[Any]:
    DECODED.append(data[0])
    if data[0] == DAMAGED:
        raise UnreadablePhoto("damaged")
    return [np.full((2, 2, 3), data[0], np.uint8)]


def batches_of(single: Adder, joined: Adder, metrics: Metrics | None = None) -> Batches[float]:
    DECODED.clear()
    return Batches(
        single,
        joined,
        size=lambda data: 10**8 if data[0] == LARGE else 4,
        decode=decode,
        finish=lambda rows: [float(row[0]) for row in rows],
        threads=1,
        metrics=metrics or Metrics(),
    )


async def _ask(batches: Batches[float], values: Sequence[int]) -> list[asyncio.Task[float]]:
    """Ask for the first photo, and for the others once the only thread is busy with it."""
    tasks = []
    for value in values:
        tasks.append(asyncio.create_task(batches.answer(bytes([value]))))
        await asyncio.sleep(0)
        while not DECODED:
            await asyncio.sleep(0.001)
    return tasks


def test_what_waits_goes_on_in_full_batches_and_the_rest_one_by_one() -> None:
    single, joined = Adder(1), Adder(BATCH)
    metrics = Metrics()

    async def run() -> list[float]:
        batches = batches_of(single, joined, metrics)
        tasks = await _ask(batches, range(7))
        assert len(batches) == 6  # the first is under way
        single.free.set()
        joined.free.set()
        answers = await asyncio.gather(*tasks)
        batches.close()
        return answers

    assert asyncio.run(run()) == [12.0 * value for value in range(7)]
    assert (single.sizes, joined.sizes) == ([1, 1, 1], [BATCH])
    told = metrics.text().decode()
    assert 'pawlens_batch_photos_bucket{le="1.0"} 3.0' in told
    assert 'pawlens_batch_photos_bucket{le="4.0"} 4.0' in told
    for stage in ("wait", "decode", "engine"):
        assert f'pawlens_stage_seconds_count{{stage="{stage}"}} 7.0' in told


def test_a_photo_whose_client_left_is_neither_decoded_nor_computed() -> None:
    single, joined = Adder(1), Adder(BATCH)

    async def run() -> list[Any]:
        batches = batches_of(single, joined)
        tasks = await _ask(batches, [1, 2, 3])
        tasks[1].cancel()
        await asyncio.sleep(0)
        single.free.set()
        answers = await asyncio.gather(tasks[0], tasks[2])
        batches.close()
        return list(answers)

    assert asyncio.run(run()) == [12.0, 36.0]
    assert single.sizes == [1, 1]
    assert DECODED == [1, 3]


def test_a_damaged_photo_fails_alone_in_a_batch() -> None:
    single, joined = Adder(1), Adder(BATCH)

    async def run() -> list[Any]:
        batches = batches_of(single, joined)
        tasks = await _ask(batches, [1, 2, DAMAGED, 4, 5])
        single.free.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        batches.close()
        return answers

    answers = asyncio.run(run())
    assert isinstance(answers.pop(2), UnreadablePhoto)
    assert answers == [12.0, 24.0, 48.0, 60.0]


def test_a_large_photo_is_decoded_after_those_that_came_with_it() -> None:
    single, joined = Adder(1), Adder(BATCH)

    async def run() -> list[float]:
        batches = batches_of(single, joined)
        tasks = await _ask(batches, [1, LARGE, 2, 3, 4])
        single.free.set()
        answers = await asyncio.gather(*tasks)
        batches.close()
        return answers

    assert asyncio.run(run()) == [12.0, 12.0 * LARGE, 24.0, 36.0, 48.0]
    assert DECODED == [1, 2, 3, 4, LARGE]


def test_an_engine_that_fails_tells_those_who_wait_and_goes_on() -> None:
    single, joined = Adder(1), Adder(BATCH)
    single.free.set()

    async def run() -> float:
        batches = batches_of(single, joined)
        with pytest.raises(RuntimeError, match="broken"):
            await batches.answer(bytes([255]))
        answer = await batches.answer(bytes([5]))
        batches.close()
        return answer

    assert asyncio.run(run()) == 60.0


def test_closing_answers_what_waits_and_ends_every_thread() -> None:
    single, joined = Adder(1), Adder(BATCH)

    async def run() -> list[float]:
        batches = batches_of(single, joined)
        tasks = await _ask(batches, [1, 2])
        batches.close()
        single.free.set()
        answers = await asyncio.gather(*tasks)
        for thread in batches._threads:
            thread.join(10)
            assert not thread.is_alive()
        return answers

    assert asyncio.run(run()) == [12.0, 24.0]
