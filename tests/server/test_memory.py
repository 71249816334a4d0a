"""Free memory goes back to the system while a server runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import _memory


def test_memory_is_given_back_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(_memory, "_SECONDS", 0.01)
    monkeypatch.setattr(_memory, "_of_glibc", lambda name: asked.append)

    async def run() -> None:
        task = asyncio.create_task(_memory.keep_giving_back())
        while len(asked) < 3:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert set(asked) == {0}  # no memory is kept at the end of the heap


def test_where_the_c_library_cannot_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "_of_glibc", lambda name: None)
    _memory.share_heaps()
    asyncio.run(asyncio.wait_for(_memory.keep_giving_back(), 1))


_HEAPS_OF_EIGHT_THREADS = """
import ctypes, os, sys, threading
from pawlens.server._memory import share_heaps

if sys.argv[1] == "shared":
    share_heaps()
barrier = threading.Barrier(9)

def allocate():
    kept = [bytes(5000) for _ in range(100)]  # each by malloc
    barrier.wait()
    barrier.wait()

for _ in range(8):
    threading.Thread(target=allocate).start()
barrier.wait()
c = ctypes.CDLL(None)
c.fdopen.restype = ctypes.c_void_p
there, here = os.pipe()
output = ctypes.c_void_p(c.fdopen(here, b"w"))
assert c.malloc_info(0, output) == 0
c.fclose(output)
print(os.read(there, 1 << 16).count(b"<heap nr="))
barrier.wait()
"""


@pytest.mark.skipif(_memory._of_glibc("malloc_info") is None, reason="another C library")
def test_all_threads_share_a_heap_for_each_core() -> None:
    def heaps(how: str) -> int:
        command = [sys.executable, "-c", _HEAPS_OF_EIGHT_THREADS, how]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env=os.environ | {"PAWLENS_CORES": "2"},
        )
        return int(done.stdout)

    assert heaps("shared") <= 2 < heaps("own")
