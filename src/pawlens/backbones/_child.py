"""Tasks that need torch, run in a child process: torch takes 700 MB and never frees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .. import errors as _errors
from ..errors import PawlensError

__all__ = ["TookTooLong", "in_child", "patience"]

_PATIENCE: ContextVar[float | None] = ContextVar("patience", default=None)


class TookTooLong(Exception):
    """A task was ended because its `patience` was over; nothing of it is kept."""


@contextmanager
def patience(seconds: float | None) -> Iterator[None]:
    """Give every task so many seconds on the clock, then `TookTooLong`; None gives all."""
    before = _PATIENCE.set(seconds)
    try:
        yield
    finally:
        _PATIENCE.reset(before)


def in_child(task: str, *arguments: str | int | None) -> str:
    """Run a task of `_convert` in a new interpreter, and return its answer.

    A plain process, not one of multiprocessing, which would run the user's script again.

    Raises
    ------
    PawlensError
        The child's own error, of the same class and with the same line.
    TookTooLong
        The `patience` for it was over.
    """
    modules = os.pathsep.join(filter(None, sys.path))  # as this process finds them
    alive, ours = os.pipe()  # the child ends when nobody holds the other end any more
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}._convert", task, json.dumps(arguments)],
            env=os.environ | {"PYTHONPATH": modules},
            stdin=alive,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_PATIENCE.get(),
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong(task) from None
    finally:
        os.close(alive)
        os.close(ours)
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (
        IndexError,
        ValueError,
    ):  # not a pawlens error: it crashed, or was killed for lack of memory
        lines = done.stderr.strip().splitlines() or ["it was killed, perhaps for want of memory"]
        raise PawlensError(f"{task} of {arguments[0]} failed: {lines[-1]}") from None
    if done.returncode == 0:
        return str(answer)
    name, message = answer
    error: type[PawlensError] = getattr(_errors, name)
    raise error(message)
