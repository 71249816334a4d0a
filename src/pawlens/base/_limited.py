"""Work on files from elsewhere in a child process, with limits of memory and of time.

A graph of a few bytes can ask for all memory, for hours of work, or for an operator that ends the
process. So it is tried by a process that can be spared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

__all__ = ["OutOfLimits", "answer_within_limits", "in_child_within_limits", "limit_this_process"]

_PATIENCE = 120  # seconds on the clock, where other work has the processors
_MEMORY = 6 * 2**30  # bytes of addresses, which runtimes reserve more than they use
_PER_BYTE = 8  # more of them for each byte of the file


class OutOfLimits(Exception):
    """A child process needed too much, or ended by itself; the message says which."""


def in_child_within_limits(
    module: str, *arguments: str, data: bytes = b"", patience: float | None = None
) -> Any:
    """Run a module in a child process that limits itself.

    Parameters
    ----------
    module : str
        Its function ``main`` gives its answer to `answer_within_limits`.
    *arguments : str
        What it finds in ``sys.argv``.
    data : bytes
        What it can read from standard input.
    patience : float, optional
        Seconds on the clock after which it is ended; two minutes by default.

    Returns
    -------
    Any
        What the child printed as JSON.

    Raises
    ------
    OutOfLimits
        The child took too long, or ended without an answer.
    """
    modules = os.pathsep.join(filter(None, sys.path))  # as this process finds them
    seconds = _PATIENCE if patience is None else patience
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module, *arguments],
            env=os.environ | {"PYTHONPATH": modules},
            input=data,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise OutOfLimits(f"it took more than {seconds} s") from None
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        answer = None
    if done.returncode == 0 and answer is not None:
        return answer
    if os.name != "nt" and done.returncode == -_signal("SIGXCPU"):
        raise OutOfLimits("it took too much processor time")
    raise OutOfLimits(
        f"it ended its process (exit code {done.returncode}), perhaps for want of memory"
    )


def limit_this_process(size: int, *, seconds: int, writes: int = 0) -> None:
    """Limit memory and time of this process, where the system can.

    Parameters
    ----------
    size : int
        Bytes of the file that is worked on.
    seconds : int
        Processor time that this process may have taken at the end.
    writes : int
        Bytes of the largest file that it may write.
    """
    try:
        import resource
    except ImportError:  # Windows: the clock alone
        return
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY + _PER_BYTE * size),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, writes),
    ):
        with suppress(ValueError, OSError):  # macOS knows not all
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def answer_within_limits(work: Callable[[], Any]) -> None:
    """Print what a function returns as JSON, and end this process; libraries print nowhere.

    Parameters
    ----------
    work : callable
        It is called without arguments, and catches what it can explain.
    """
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    print(json.dumps(work()), file=answer, flush=True)
    os._exit(0)  # a runtime that was refused memory may not end well


def _signal(name: str) -> int:
    import signal

    return int(getattr(signal, name, 0))
