"""The processes of a server: what each runs, and one that takes the place of another."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from ..errors import PawlensError, UsageError
from ._app import server_app
from ._connections import PatientProtocol
from ._metrics import SHARED_FOLDER
from ._places import Place
from ._settings import BACKLOG, ServerSettings

__all__ = ["run_workers", "uvicorn_config"]

_OPENED_WITHIN = 120  # seconds for a worker to open its models
_ANSWERS_WITHIN = 30  # seconds for a worker to say that it is alive


class _Worker(multiprocess.Process):
    """uvicorn's worker, whose death while it is asked whether it is alive is seen at once.

    uvicorn waits for the answer of a dead worker as long as for the models to be opened, and
    neither replaces one nor hears a signal meanwhile.
    """

    def is_alive(self, timeout: float = _ANSWERS_WITHIN) -> bool:
        """Whether it runs and answers in time."""
        return super().is_alive(min(timeout, _ANSWERS_WITHIN))

    def _healthcheck(self, timeout: float) -> bool | None:
        try:
            self.parent_conn.send(b"ping")
            wait([self.parent_conn, self.process.sentinel], timeout)
            return bool(self.parent_conn.recv()) if self.parent_conn.poll() else None
        except (OSError, EOFError):
            return None


def run_workers(
    places: list[Place],
    settings: ServerSettings,
    listening: socket.socket,
    started: Callable[[], None],
) -> None:
    """Run several processes on one socket; one that dies is replaced.

    On a hangup each is replaced by one that has read the models again, once that one is ready; if
    it does not get ready, the old one stays.
    """
    multiprocess.Process = _Worker  # type: ignore[misc]  # whose death is seen at once
    with tempfile.TemporaryDirectory(prefix="pawlens-") as shared:
        os.environ[SHARED_FOLDER] = shared
        app = partial(_worker_app, places, settings, listening.getsockname()[1])
        more = {"workers": settings.workers, "timeout_worker_healthcheck": _OPENED_WITHIN}
        workers = multiprocess.Multiprocess(
            uvicorn_config(app, settings, factory=True, **more), [listening]
        )
        workers.init_processes()
        if all(process.wait_until_ready(_OPENED_WITHIN) for process in workers.processes):
            started()
            workers.init_processes = lambda: None  # type: ignore[method-assign]  # they run already
            workers.run()
        else:
            ended = [p.exitcode for p in workers.processes if p.exitcode not in (None, 0)]
            workers.terminate_all()
            workers.join_all()
            raise UsageError(_why_not_started(ended))
        if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
            raise UsageError("a worker could not be replaced; the line above says why")


def _why_not_started(ended: Sequence[int | None]) -> str:
    """Say why workers did not start, from the exit codes of those that ended."""
    if STARTUP_FAILURE in ended:
        return "the workers did not start; the line above says why"
    if not ended:
        return f"the workers did not start within {_OPENED_WITHIN} s; try fewer --workers"
    return f"a worker ended before it was ready, with exit code {ended[0]}; try again"


def _worker_app(places: list[Place], settings: ServerSettings, port: int) -> Any:
    """Make the application in a process of its own; one that cannot be made ends all of them."""
    try:
        return server_app(places, settings, port=port)
    except PawlensError as error:
        print(f"pawlens: {error}", file=sys.stderr)
        sys.exit(STARTUP_FAILURE)


def uvicorn_config(app: Any, settings: ServerSettings, **more: Any) -> uvicorn.Config:
    """Return how uvicorn is to run an application, or what makes one."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks where a request comes from
        backlog=BACKLOG,
        root_path=settings.root_path,
        timeout_graceful_shutdown=int(settings.timeout) + 1,
        **more,
    )
