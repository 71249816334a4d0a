"""Ctrl-C and SIGTERM: one line, and an end within two seconds whatever is being computed."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["Stop", "stoppable"]

_PATIENCE = 1.5  # seconds that the work gets to end by itself
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = b"\x1b[?25h"


class Stop:
    """What is known of a command's end by a signal.

    Attributes
    ----------
    code : int
        The exit code: 128 and the number of the signal.
    asked : bool
        Whether a signal has come. A library that it interrupts may raise an error of its own.
    """

    def __init__(self, words: Callable[[], str]) -> None:
        self.code = 128 + signal.SIGINT
        self.asked = False
        self._words = words
        self._told = False

    def in_words(self) -> str:
        """The line that is told, once; empty from then on."""
        told, self._told = self._told, True
        return "" if told else self._words()


@contextmanager
def stoppable(words: Callable[[], str], *, hard: bool = True) -> Iterator[Stop]:
    """Raise `KeyboardInterrupt` for Ctrl-C and SIGTERM, and end the process if that does not.

    Python tells a signal only between two of its own steps; a library may compute for seconds in
    one. The system wakes a thread at once, which waits a little and then ends the process. What is
    on disk survives that, as it survives ``kill -9``.

    Parameters
    ----------
    words : callable
        Makes the line that is told.
    hard : bool
        Whether the process is ended if the work goes on. A server may, to answer its last requests.
    """
    stop = Stop(words)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def interrupt(number: int, frame: object) -> None:
        stop.code = 128 + number
        stop.asked = True
        raise KeyboardInterrupt

    reader, writer = socket.socketpair()
    writer.setblocking(False)
    asked = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    handlers = {number: signal.signal(number, interrupt) for number in asked}
    woken = signal.set_wakeup_fd(writer.fileno() if hard else -1, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, stop), daemon=True).start()
    ignored, sys.unraisablehook = sys.unraisablehook, _tell_no_interrupt
    try:
        yield stop
    finally:
        sys.unraisablehook = ignored
        signal.set_wakeup_fd(woken)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        writer.close()


def _tell_no_interrupt(ignored: sys.UnraisableHookArgs) -> None:
    """Say nothing of a signal that came within a finaliser, which cannot raise it."""
    if not issubclass(ignored.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(ignored)


def _watch(reader: socket.socket, stop: Stop) -> None:
    with reader:
        number = 0
        while number not in _SIGNALS:
            data = reader.recv(1)
            if not data:  # the command has ended
                return
            number = data[0]
        time.sleep(_PATIENCE)  # it may end by itself, and also hang in a thread after that
        _end(128 + number, stop)


def _end(code: int, stop: Stop) -> None:
    processes = sys.modules.get("multiprocessing")
    for child in processes.active_children() if processes else ():
        child.kill()
    line = stop.in_words()
    with suppress(OSError, ValueError, AttributeError):
        handle = sys.stderr.fileno()
        if os.isatty(handle):
            os.write(handle, _SHOW_CURSOR)
        if line:
            os.write(handle, f"{line}\n".encode())
    os._exit(code)
