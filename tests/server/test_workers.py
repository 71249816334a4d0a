"""Workers: one that is killed is noticed at once, also while it is asked whether it is alive."""

from __future__ import annotations

import multiprocessing
import socket
import sys
import threading
import time

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from uvicorn.supervisors import multiprocess

from pawlens.server import _workers
from pawlens.server._metrics import SHARED_FOLDER
from pawlens.server._settings import ServerSettings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers of POSIX")


def silent() -> _workers._Worker:
    """A worker that runs and answers nothing."""
    worker = object.__new__(_workers._Worker)
    worker.parent_conn, worker.child_conn = multiprocessing.Pipe()
    worker.process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(120,))
    worker.process.start()
    return worker


@pytest.mark.timeout(60)
def test_a_worker_that_dies_while_it_is_asked_is_noticed_at_once() -> None:
    worker = silent()
    threading.Timer(0.5, worker.process.kill).start()
    begun = time.monotonic()
    assert not worker.is_alive(timeout=50)
    assert time.monotonic() - begun < 20
    worker.process.join()


@pytest.mark.timeout(60)
def test_a_worker_that_answers_nothing_is_not_alive_after_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_workers, "_ANSWERS_WITHIN", 0.2)
    worker = silent()
    try:
        assert not worker.is_alive(timeout=50)
        worker.child_conn.send(True)
        assert worker.is_alive(timeout=50)
    finally:
        worker.process.kill()
        worker.process.join()


def test_the_workers_that_run_are_of_that_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Exception):
        pass

    def supervisor(*arguments: object) -> None:
        assert multiprocess.Process is _workers._Worker
        raise Stop

    monkeypatch.setattr(multiprocess, "Process", multiprocess.Process)  # put back afterwards
    monkeypatch.setattr(multiprocess, "Multiprocess", supervisor)
    monkeypatch.setenv(SHARED_FOLDER, "")  # put back afterwards
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(Stop):
        _workers.run_workers([], ServerSettings(port=0), listening, lambda: None)
