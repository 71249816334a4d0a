"""A given time: how much of it is left, and work that ends when it is spent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ....base import Progress
from ....errors import UsageError

__all__ = ["Deadline", "OutOfTime", "Pace", "in_words", "read_duration"]

_UNITS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_LEAST = 10.0  # seconds


class OutOfTime(Exception):
    """Work was ended because its time was spent; what it kept in the cache stays."""


class Deadline:
    """A time that is given for a job.

    Parameters
    ----------
    seconds : float
    now : callable
        A clock in seconds; tests give their own.

    Examples
    --------
    >>> moments = iter([100.0, 104.0, 104.0])
    >>> deadline = Deadline(60, now=lambda: next(moments))
    >>> deadline.spent, deadline.left
    (4.0, 56.0)
    """

    def __init__(self, seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._now = now
        self._start = now()

    @property
    def spent(self) -> float:
        """Seconds since the job began."""
        return self._now() - self._start

    @property
    def left(self) -> float:
        """Seconds until the time is over; below 0 when it is."""
        return self.seconds - self.spent

    def until(self, kept: float, progress: Progress | None) -> Progress:
        """Return a progress function that ends work when only `kept` seconds are left.

        Raises
        ------
        OutOfTime
            By the returned function, once no more than `kept` seconds are left.
        """

        def told(what: str, done: int, whole: int) -> None:
            if progress is not None:
                progress(what, done, whole)
            if done < whole and self.left <= kept:
                raise OutOfTime(what)

        return told


class Pace:
    """A progress function that measures how long each piece of work takes, once it is under way.

    What comes before the first piece is reported (an engine that is opened) does not count.

    Parameters
    ----------
    deadline : Deadline
        Its clock is read.
    progress : callable
        Told as before.
    """

    def __init__(self, deadline: Deadline, progress: Progress) -> None:
        self._deadline, self._progress = deadline, progress
        self._first: tuple[float, int] | None = None
        self._last = (0.0, 0)

    def __call__(self, what: str, done: int, whole: int) -> None:
        """Note the moment, and tell."""
        self._last = self._deadline.spent, done
        self._first = self._first or self._last
        self._progress(what, done, whole)

    @property
    def each(self) -> float | None:
        """Seconds of a piece; None where too little was done, or nothing, to tell."""
        if self._first is None or self._last[1] <= self._first[1]:
            return None
        return (self._last[0] - self._first[0]) / (self._last[1] - self._first[1])


def read_duration(text: str | float) -> float:
    """Read a time such as ``"90s"``, ``"10m"`` or ``"1h30m"``; a number is seconds.

    Raises
    ------
    UsageError
        It is no time, or under ten seconds.

    Examples
    --------
    >>> read_duration("1h30m"), read_duration("90s")
    (5400.0, 90.0)
    """
    if isinstance(text, str):
        match = _DURATION.fullmatch(text.strip().lower())
        if not match or not any(match.groups()):
            raise UsageError(f"time {text!r}: write it as 90s, 10m or 1h30m")
        hours, minutes, seconds = (float(part or 0) for part in match.groups())
        total = hours * _UNITS["h"] + minutes * _UNITS["m"] + seconds
    else:
        total = float(text)
    if not total >= _LEAST:
        raise UsageError(f"time {text!r}: give at least {_LEAST:.0f} seconds")
    return total


def in_words(seconds: float) -> str:
    """Write seconds as a person does.

    >>> in_words(0.42), in_words(42.4), in_words(600), in_words(5400)
    ('0.4 s', '42 s', '10 min', '1 h 30 min')
    """
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
