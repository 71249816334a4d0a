"""The diary of a server: a line of JSON for each request, and a trace where traces are wanted."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO

from ._headers import request_headers

if TYPE_CHECKING:
    from starlette.types import Scope

    from ._metrics import Metrics

__all__ = ["Diary", "Entry"]

_LOGGERS = ("asyncio", "python_multipart", "uvicorn")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass
class Entry:
    """The notes on one request.

    Attributes
    ----------
    id : str
        The client's ``X-Request-Id``, or one of our own.
    status : int
        HTTP status of the response; 0 while there is none.
    reason : str
        Why it was refused; empty where it was answered.
    """

    id: str
    status: int = 0
    reason: str = ""


class Diary:
    """Writes a line for each request; nothing of a photo's content or of a token is in it.

    Parameters
    ----------
    metrics : Metrics
        Counts requests.
    stream : text stream, optional
        Standard error by default.
    quiet : bool
        Whether lines are left out; figures and traces are kept.
    """

    def __init__(
        self, metrics: Metrics, stream: TextIO | None = None, *, quiet: bool = False
    ) -> None:
        self._metrics = metrics
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._traced = find_spec("opentelemetry") is not None
        self._random = Random()

    @contextmanager
    def entry(self, scope: Scope) -> Iterator[Entry]:
        """Note one request, from its headers to the end of its response."""
        headers = request_headers(scope)
        given = headers.get("x-request-id", "")
        entry = Entry(given if _ID.fullmatch(given) else f"{self._random.getrandbits(128):032x}")
        begun = perf_counter()
        with self._span(scope, headers) as span:
            try:
                yield entry
            finally:
                route = scope.get("route")
                path = route.path if route is not None else "other"
                self._metrics.requests.labels(path, str(entry.status)).inc()
                if span is not None:
                    span.set_attribute("http.route", path)
                    span.set_attribute("http.response.status_code", entry.status)
                self._write(entry, scope["method"], path, perf_counter() - begun)

    def note(self, event: str, **facts: Any) -> None:
        """Write a line about the server itself."""
        self._print({"event": event, **facts})

    @contextmanager
    def of_libraries(self) -> Iterator[None]:
        """Write what the libraries below have to say as lines of its own, while this is open.

        Left alone they would print text among the JSON, a line for each broken request.
        """
        handler = _Lines(self)
        handler.setLevel(logging.ERROR if self._quiet else logging.WARNING)
        kept = [(logger, logger.propagate) for logger in map(logging.getLogger, _LOGGERS)]
        for logger, _ in kept:
            logger.addHandler(handler)
            logger.propagate = False
        try:
            yield
        finally:
            for logger, propagates in kept:
                logger.removeHandler(handler)
                logger.propagate = propagates

    def _write(self, entry: Entry, method: str, path: str, seconds: float) -> None:
        if self._quiet:
            return
        line: dict[str, Any] = {"request": entry.id, "method": method[:16], "path": path}
        line |= {"status": entry.status, "seconds": round(seconds, 6)}
        if entry.reason:
            line["reason"] = entry.reason
        self._print(line)

    def _print(self, line: dict[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            print(json.dumps({"time": now, **line}), file=self._stream, flush=True)
        except OSError:  # a full disk under the log: no reason not to answer
            self._metrics.log_failures.inc()

    def _span(self, scope: Scope, headers: dict[str, str]) -> Any:
        """A span of OpenTelemetry that continues the client's trace, where the package is there."""
        if not self._traced:
            return nullcontext()
        from opentelemetry import propagate, trace

        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            return nullcontext()  # nobody has said where traces go; an empty span is not cheap
        context = propagate.extract(headers)
        tracer = trace.get_tracer("pawlens")
        return tracer.start_as_current_span(
            f"{scope['method']} request", context=context, kind=trace.SpanKind.SERVER
        )


class _Lines(logging.Handler):
    """Writes records of Python's logging as lines of a diary."""

    def __init__(self, diary: Diary) -> None:
        super().__init__()
        self._diary = diary
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        self._diary.note(record.levelname.lower(), text=self._format.format(record))
