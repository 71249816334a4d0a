"""Standard streams as they come: closed, narrow, cut off, and shared with chatty libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from ..base import plain

__all__ = ["PlainText", "raw", "steady_streams"]


class PlainText:
    """A stream for people: what would steer a terminal is written out, as ``\\u001b``.

    Names of files and labels come from anywhere, and a terminal obeys what is in them.

    Parameters
    ----------
    stream : TextIO
    vital : bool
        Whether whoever writes must know that nobody reads any more.
    """

    def __init__(self, stream: TextIO, *, vital: bool) -> None:
        self.raw = stream
        self._vital = vital

    def write(self, text: str) -> int:
        """Write a text without control characters, tabs and line breaks excepted."""
        try:
            return self.raw.write(plain(text))
        except (OSError, ValueError):
            if self._vital:
                raise
            return len(text)

    def flush(self) -> None:
        """Bring what was written to its reader."""
        try:
            self.raw.flush()
        except (OSError, ValueError):
            if self._vital:
                raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


def raw(stream: TextIO) -> TextIO:
    """The stream below a `PlainText`, for bars that steer the terminal on purpose."""
    below: TextIO = getattr(stream, "raw", stream)
    return below


@contextmanager
def steady_streams(*, whole: bool) -> Iterator[None]:
    """Make the standard streams safe to print to.

    Closed ones lead nowhere, so that no file of the user's gets their number; what an encoding
    lacks is written out; lines that libraries write past Python are dropped, unless the `whole`
    of standard error is wanted.
    """
    _fill_closed()
    out, err = sys.stdout, sys.stderr
    for stream in (out, err):
        with suppress(AttributeError, ValueError):  # a test's stream cannot be set
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    apart = None if whole else _set_apart(err)
    sys.stdout = PlainText(out, vital=True)
    sys.stderr = PlainText(apart or err, vital=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
        if apart is not None:
            with suppress(OSError, ValueError):
                apart.flush()
            os.dup2(apart.fileno(), err.fileno())
            with suppress(OSError, ValueError):
                apart.close()
        try:
            out.flush()
        except (OSError, ValueError):  # nobody reads it; the interpreter would complain at its end
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _fill_closed() -> None:
    """Open what the caller has closed, as ``>&-`` does."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _set_apart(err: TextIO) -> TextIO | None:
    """A stream to where standard error leads, while its number leads nowhere; None in tests."""
    try:
        if err is not sys.__stderr__ or err.fileno() != 2:
            return None
    except (OSError, ValueError):
        return None
    apart = os.fdopen(os.dup(2), "w", 1, err.encoding, "backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return apart
