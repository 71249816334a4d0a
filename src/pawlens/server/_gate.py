"""The gate before every route: who may ask, how much may come in, and how long it may take.

A web page of any site can send requests to a local port, and a name server under its control can
make that look like the page's own address (DNS rebinding). So a server for this machine alone
answers only to its own names, and no server answers a page of another origin that was not allowed.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import Response

from ._headers import request_headers
from ._refusals import Refused, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ._diary import Diary, Entry
    from ._metrics import Metrics
    from ._settings import ServerSettings

__all__ = ["Gate"]

_OPEN = ("/v2/health/live", "/v2/health/ready", "/")
"""Paths that need no token: a probe has none, and the page asks for it."""

_PAGE = "/page/"

_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


_HEADERS = _encoded(
    {
        "cross-origin-resource-policy": "cross-origin",  # what may be read is for CORS to say
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)
_HEARD_SECONDS, _HEARD_BYTES = 2.0, 64 * 2**20  # of a body that is refused, read and dropped
_BYTES_AT_ONCE = 8  # full bodies that may be held at the same time, beside those being answered


class Gate:
    """ASGI middleware: checks a request, reads its body within limits, and keeps its deadline.

    Parameters
    ----------
    app : ASGI application
        Gets the whole body in one message.
    settings : ServerSettings
    port : int
        Port that the server listens on.
    metrics : Metrics
        Counts refusals.
    diary : Diary
        Notes every request.
    """

    def __init__(
        self, app: ASGIApp, settings: ServerSettings, *, port: int, metrics: Metrics, diary: Diary
    ) -> None:
        self._app = app
        self._diary = diary
        self._settings = settings
        self._metrics = metrics
        self._hosts = {f"{name}:{port}" for name in _LOCAL_NAMES}
        self._room = settings.max_bytes * _BYTES_AT_ONCE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = request_headers(scope)
        with self._diary.entry(scope) as entry:
            send = self._labelled(headers, entry, send)
            try:
                await self._let_in(scope, headers, receive, send)
            except Refused as refused:
                entry.reason = refused.reason
                self._metrics.refusals.labels(refused.reason).inc()
                if refused.reason != "left":
                    # The rest of a body that was not read would be taken for the next request.
                    response = refusal(refused, {"connection": "close"})
                    if refused.reason != "late" and "expect" not in headers:
                        send = _hearing_out(receive, send)
                    await response(scope, receive, send)

    async def _let_in(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        """Give a request that may be answered to the routes, and keep its deadline.

        Raises
        ------
        Refused
            It may not be answered, comes too late, or its client left.
        """
        if self._answers_preflight(scope, headers):
            await Response(status_code=204)(scope, receive, send)
            return
        self._check(scope, headers)
        deadline = time.monotonic() + self._settings.timeout
        body = await self._body(headers, receive, deadline)
        self._room -= len(body)
        try:
            work = asyncio.ensure_future(self._app(scope, _once(body), send))
            left = asyncio.ensure_future(_left(receive))
            tasks: set[asyncio.Future[None]] = {work, left}
            remaining = max(0.0, deadline - time.monotonic())
            await asyncio.wait(tasks, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            late = not left.done()
            for task in tasks:
                task.cancel()
            outcome = (await asyncio.gather(work, left, return_exceptions=True))[0]
        finally:
            self._room += len(body)
        if isinstance(outcome, asyncio.CancelledError):
            if late:
                raise Refused(504, "late", f"no answer within {self._settings.timeout:g} s")
            raise Refused(400, "left", "the client left")
        if isinstance(outcome, BaseException):
            raise outcome

    def _labelled(self, headers: Mapping[str, str], entry: Entry, send: Send) -> Send:
        """Add the headers of every response, and note its status."""

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                extra = [(b"x-request-id", entry.id.encode()), *self._extra(headers)]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        return labelled

    def _check(self, scope: Scope, headers: Mapping[str, str]) -> None:
        """Refuse whoever may not ask."""
        host = headers.get("host", "")
        if self._settings.is_local and host not in self._hosts:
            raise Refused(403, "host", "this server answers only to its own address")
        origin = headers.get("origin")
        if origin is not None and not self._allows(origin, host):
            raise Refused(403, "origin", "pages of this origin may not ask; see --cors")
        token = self._settings.token
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if token is not None and path not in _OPEN and not path.startswith(_PAGE):
            kind, _, given = headers.get("authorization", "").partition(" ")
            same = secrets.compare_digest(given.strip().encode(), token.encode())
            if kind.lower() != "bearer" or not same:
                raise Refused(401, "token", "send the token, as Authorization: Bearer TOKEN")

    def _allows(self, origin: str, host: str) -> bool:
        cors = self._settings.cors
        return "*" in cors or origin in cors or (bool(host) and origin.partition("://")[2] == host)

    def _answers_preflight(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether this is a browser's question before a request of a page that may ask."""
        asks = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        return asks and self._allows(headers.get("origin", ""), headers.get("host", ""))

    def _extra(self, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """Headers of every response."""
        origin = headers.get("origin")
        if origin is None or not self._allows(origin, headers.get("host", "")):
            return _HEADERS
        return _HEADERS + _encoded(
            {
                "access-control-allow-origin": origin,
                "access-control-allow-headers": "authorization, content-type",
                "access-control-allow-methods": "GET, POST",
                "vary": "origin",
            }
        )

    async def _body(self, headers: Mapping[str, str], receive: Receive, deadline: float) -> bytes:
        """Read the whole body, within the limits of one request and of all together."""
        most = self._settings.max_bytes
        told = headers.get("content-length", "0")
        if not told.isdecimal() or int(told[:20]) > most:
            raise _too_long(most)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400, "left", "the client left")
                    part = message.get("body", b"")
                    size += len(part)
                    self._room -= len(part)
                    parts.append(part)
                    if size > most:
                        raise _too_long(most)
                    if self._room < 0:
                        raise Refused(503, "busy", "too many bytes at once; try again")
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError as error:
            raise Refused(408, "late", "the request did not come in time") from error
        finally:
            self._room += size


def _too_long(most: int) -> Refused:
    return Refused(413, "size", f"more than {most:,} bytes; see --max-bytes")


def _hearing_out(receive: Receive, send: Send) -> Send:
    """Let a client finish sending, within bounds, before the connection is closed.

    A connection that is closed while its client sends is reset, and the client would see no answer.
    """

    async def answered(message: Message) -> None:
        if message["type"] == "http.response.body":
            await send({**message, "more_body": True})
            await _hear_out(receive)
            message = {"type": "http.response.body", "body": b""}
        await send(message)

    return answered


async def _hear_out(receive: Receive) -> None:
    heard = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_HEARD_SECONDS):
            while heard < _HEARD_BYTES:
                message = await receive()
                heard += len(message.get("body", b""))
                if not message.get("more_body"):
                    return


async def _left(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _once(body: bytes) -> Receive:
    """Return a channel that gives the body, and then nothing more."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def once() -> Message:
        for message in messages:
            return message
        return await asyncio.Future()  # the gate itself sees when the client leaves

    return once
