"""Batches: nobody waits while the engine is free, full batches form behind a busy one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from pawlens.server._batches import BATCH, Batches


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


def square(value: int) -> list[Any]:
    return [np.full((2, 2, 3), value, np.uint8)]


async def _ask(batches: Batches, values: Sequence[int]) -> list[asyncio.Task[Any]]:
    tasks = []
    for value in values:
        tasks.append(asyncio.create_task(batches.answer(square(value))))
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    return tasks


def test_what_waits_goes_on_in_full_batches_and_the_rest_one_by_one() -> None:
    single, joined = Adder(1), Adder(BATCH)
    measured: list[int] = []

    async def run() -> list[float]:
        batches = Batches(single, joined, threads=1, measure=measured.append)
        tasks = await _ask(batches, range(7))
        assert len(batches) == 6  # the first is under way
        single.free.set()
        joined.free.set()
        rows = await asyncio.gather(*tasks)
        batches.close()
        return [float(row[0]) for row in rows]

    assert asyncio.run(run()) == [12.0 * value for value in range(7)]
    assert measured == [1, BATCH, 1, 1]
    assert (single.sizes, joined.sizes) == ([1, 1, 1], [BATCH])


def test_a_photo_whose_client_left_is_not_computed() -> None:
    single, joined = Adder(1), Adder(BATCH)

    async def run() -> list[float]:
        batches = Batches(single, joined, threads=1)
        tasks = await _ask(batches, [1, 2, 3])
        tasks[1].cancel()
        await asyncio.sleep(0)
        single.free.set()
        rows = await asyncio.gather(tasks[0], tasks[2])
        batches.close()
        return [float(row[0]) for row in rows]

    assert asyncio.run(run()) == [12.0, 36.0]
    assert single.sizes == [1, 1]


def test_an_engine_that_fails_tells_those_who_wait_and_goes_on() -> None:
    single, joined = Adder(1), Adder(BATCH)
    single.free.set()

    async def run() -> float:
        batches = Batches(single, joined, threads=1)
        with pytest.raises(RuntimeError, match="broken"):
            await batches.answer(square(255))
        row = await batches.answer(square(5))
        batches.close()
        return float(row[0])

    assert asyncio.run(run()) == 60.0
