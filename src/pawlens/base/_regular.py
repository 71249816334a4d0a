"""Regular files alone: a named pipe, a socket or a device would be waited for, or never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["check_regular", "open_regular", "read_regular"]

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def check_regular(path: str | os.PathLike[str]) -> None:
    """Make sure that a path leads to a regular file, before a library opens it.

    Raises
    ------
    OSError
        There is no such file, or it is of another kind, which `strerror` names.
    """
    _check(os.stat(path).st_mode, path)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; see `check_regular`.

    It is looked at before it is opened, since opening a device may do something, and after it,
    since another file may have its name by then.
    """
    check_regular(path)
    handle = os.open(path, os.O_RDONLY | _FLAGS)
    try:
        _check(os.fstat(handle).st_mode, path)
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def read_regular(path: Path) -> bytes:
    """Read a regular file; see `check_regular`."""
    with open_regular(path) as file:
        return file.read()


def _check(mode: int, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
        raise OSError(errno.EINVAL, f"{kind}, not a regular file", os.fspath(path))
