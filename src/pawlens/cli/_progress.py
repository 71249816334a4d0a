"""Progress bars on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from ..base import plain
from ._app import say
from ._streams import raw

if TYPE_CHECKING:
    from ..photos import Photos

__all__ = ["Bars"]

_FIRST, _EVERY = 10.0, 30.0  # seconds until a log file has a line, and from line to line


class Bars:
    """A bar for each thing that is being done; a line now and then where no terminal is.

    Parameters
    ----------
    photos : Photos, optional
        The photos that the work is about. What was read is told when the first thing is done: what
        is wrong with them shows until then, and leaves one line, the error.
    """

    def __init__(self, photos: Photos | None = None) -> None:
        self._photos = photos
        self._told = time.monotonic() - _EVERY + _FIRST
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        console = Console(file=raw(sys.stderr))
        self._bars = Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        if not self._bars.disable:  # rich before 14.3 ends disabled bars with an empty line
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._bars.disable:
            self._bars.stop()
        if error is None:
            self._tell_photos()

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            if self._tasks:
                self._tell_photos()
            self._tasks[what] = self._bars.add_task(plain(what), total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)
        if self._bars.disable and time.monotonic() - self._told > _EVERY:
            self._told = time.monotonic()
            say(f"pawlens: {what}: {done} of {total}")

    def _tell_photos(self) -> None:
        if self._photos is None:
            return
        from ..photos import what_was_read

        for line in what_was_read(self._photos):
            say(f"photos: {line}")
        self._photos = None
