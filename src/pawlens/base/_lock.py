"""Folders that one process at a time writes into."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ..errors import FolderInUse, RunError
from ._files import make_folder

__all__ = ["LOCK", "in_use"]

LOCK = ".in-use"
"""The file in a folder that is locked, and says by whom, for as long as a process writes there."""

_PATIENCE = 0.2  # seconds: enough for a process that is just letting go
_SHOWN = 120  # characters of the other process's command


@contextmanager
def in_use(folder: Path) -> Iterator[Path]:
    """Make a folder, and keep other processes from writing into it until the block ends.

    The system lets go of the lock of a process that dies, however it dies; what it leaves of the
    file does not block the next one. Folders that were made for the block are removed with it if
    nothing was put into them.

    Raises
    ------
    FolderInUse
        Another process writes there; the message says which.
    RunError
        The folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    make_folder(folder)
    path = folder / LOCK
    lock = FileLock(path, timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout as error:
        raise FolderInUse(
            f"{folder}: another process writes there{_holder(path)}; wait until it ends, or choose "
            "another folder with --out"
        ) from error
    except OSError as error:
        raise RunError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another folder"
        ) from error
    try:
        with suppress(OSError):  # Windows lets nobody write a locked file by another handle
            path.write_text(json.dumps(_this_process()), encoding="utf-8")
        yield folder
    finally:
        with suppress(OSError):  # before it is let go: later it might be another process's
            path.unlink()
        lock.release()
        with suppress(OSError):
            for parent in made:
                parent.rmdir()


def _this_process() -> dict[str, str | int]:
    program, *arguments = sys.argv or ["python"]
    return {
        "process": os.getpid(),
        "host": platform.node(),
        "since": datetime.now(UTC).isoformat(sep=" ", timespec="seconds"),
        "command": shlex.join([Path(program).name, *arguments])[:_SHOWN],
    }


def _holder(path: Path) -> str:
    """Who holds the lock, in words; nothing where that cannot be read."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return " (process {process} on {host}, since {since}: {command})".format(**facts)
    except (OSError, ValueError, KeyError, TypeError):
        return ""
