"""Children forked from a warm process: one that has imported everything and computed nothing.

A start then costs nothing, and no child finds what another computed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["fork", "killed", "waited", "warm"]


def fork(task: Callable[[], object]) -> int:
    """Do something in a child; its number. Its status is 0 unless the task raised."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        task()
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        sys.stderr.flush()
        os._exit(status)


def waited(child: int, patience: float) -> int | None:
    """How a child ended, as `subprocess` tells it; None where it had to be ended."""
    deadline, pause = time.monotonic() + patience, 0.001
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(0.02, pause * 1.5)
    killed(child)
    return None


def killed(child: int) -> bool:
    """Kill a child without warning; whether it was alive still."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def warm(task: Callable[[], object], names: Path, patience: float) -> int | None:
    """Import what a task imports, which a child tells in a file; how that child ended."""

    def listing() -> None:
        before = set(sys.modules)
        task()
        later = [name for name in sys.modules if name not in before]
        names.write_text("\n".join(later), encoding="utf-8")

    status = waited(fork(listing), patience)
    if status == 0:
        for name in names.read_text(encoding="utf-8").split():
            with contextlib.suppress(Exception):  # names that other modules made up
                importlib.import_module(name)
    return status
