"""Who watches long work: a function of the caller's, or a bar where a notebook shows the work."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from ._parallel import Progress

__all__ = ["Watcher", "watched"]

Watcher = Progress | Literal[False] | None
"""What a caller says about progress: a function to call, None for the usual, False for nothing."""

_EVERY = 0.2  # seconds from one drawing to the next: a notebook stores and sends every one


@contextmanager
def watched(progress: Watcher) -> Iterator[Progress | None]:
    """Open what long work reports its progress to.

    Parameters
    ----------
    progress : callable, False or None
        A callable is used as it is. None draws bars in a notebook and nothing elsewhere. False
        draws nothing anywhere.

    Yields
    ------
    callable or None
        To be handed on to all parts of the work. It is a callable wherever the question is
        settled, so that a part that is a public function itself does not ask it again.
    """
    if progress is False:
        yield _silent
    elif progress is not None:
        yield progress
    elif (display := _notebook_display()) is None:
        yield None
    else:
        bars = _Bars(display)
        try:
            yield bars
        finally:
            bars.draw()


def _silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


def _notebook_display() -> Callable[..., Any] | None:
    """IPython's `display` where a notebook's kernel runs this code; None elsewhere.

    A kernel has imported IPython long before, so nothing is imported here for the others.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if not hasattr(shell, "kernel"):  # also where a terminal runs IPython
        return None
    display: Callable[..., Any] = import_module("IPython.display").display
    return display


class _Bars:
    """A bar for each thing that is being done, in one output of a notebook's cell."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._handle: Any = None
        self._state: dict[str, tuple[int, int]] = {}
        self._drawn = float("-inf")

    def __call__(self, what: str, done: int, total: int) -> None:
        self._state[what] = done, total
        if time.monotonic() - self._drawn >= _EVERY:
            self.draw()

    def draw(self) -> None:
        """Show the state of now, in place of what was shown before."""
        if not self._state:
            return
        self._drawn = time.monotonic()
        rows = list(self._state.items())
        shown = {
            "text/html": "".join(_row(what, *counts) for what, counts in rows),
            "text/plain": "\n".join(f"{what}: {done} of {n}" for what, (done, n) in rows),
        }
        if self._handle is None:
            self._handle = self._display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)


def _row(what: str, done: int, total: int) -> str:
    bar = f'<progress value="{done}" max="{max(total, 1)}"></progress>'
    return f"<div>{bar} {html.escape(what)}: {done} of {total}</div>"
