"""Free memory goes back to the system while a server runs."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import _memory


def test_memory_is_given_back_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(_memory, "_SECONDS", 0.01)
    monkeypatch.setattr(_memory, "_give_back", lambda: asked.append)

    async def run() -> None:
        task = asyncio.create_task(_memory.keep_giving_back())
        while len(asked) < 3:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert set(asked) == {0}  # no memory is kept at the end of the heap


def test_where_the_c_library_cannot_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "_give_back", lambda: None)
    asyncio.run(asyncio.wait_for(_memory.keep_giving_back(), 1))
