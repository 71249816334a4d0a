"""Access control: only pages of this server, on this machine, may send requests.

Any web page can send requests to a local port, and a name server under its control can make it look
like the page's own (DNS rebinding). So every request must name this host, carry the token of the
link, and, where it changes something, carry it in a header, which no foreign page can set.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from ._connections import BODY_WITHIN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["MAX_BODY", "TOKEN_HEADER", "Guard"]

TOKEN_HEADER = "x-pawlens-token"
MAX_BODY = 16 * 1024
"""Bytes of a request's body; a decision takes a few hundred."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """ASGI middleware that lets through what has the token, and limits and labels it.

    Parameters
    ----------
    app : ASGI application
    token : str
        A secret; whoever has it may read the photos and decide.
    port : int
        Port of this server, as it stands in the ``Host`` header of an honest request.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"pawlens-{port}"  # a browser sends a host's cookies to all its ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope)
        by_link = self._is_link(request)
        send = self._labelled(send, set_cookie=by_link)
        if request.headers.get("host", "") not in self._hosts:
            await _refuse(scope, receive, send, 403, "pawlens answers only to its own address")
        elif not (by_link or self._has_token(request)):
            await _refuse(
                scope, receive, send, 403, "no valid token: open the link that pawlens printed"
            )
        elif (body := await _body(receive)) is None:
            await _refuse(scope, receive, send, 413, f"more than {MAX_BODY:,} bytes, or too slow")
        elif fault := _fault(body):
            await _refuse(scope, receive, send, 400, fault)
        else:
            await self._app(scope, _again(body, receive), send)

    def _is_link(self, request: Request) -> bool:
        opens = request.method == "GET" and request.url.path == "/"
        return opens and self._is_token(request.query_params.get("token"))

    def _has_token(self, request: Request) -> bool:
        if self._is_token(request.headers.get(TOKEN_HEADER)):
            return True
        reads = request.method in ("GET", "HEAD")
        return reads and self._is_token(request.cookies.get(self._cookie))

    def _is_token(self, text: str | None) -> bool:
        return text is not None and secrets.compare_digest(text.encode(), self._token.encode())

    def _labelled(self, send: Send, *, set_cookie: bool) -> Send:
        """Add the headers that keep a browser strict to every response."""
        extra = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
        if set_cookie:
            cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
            extra.append((b"set-cookie", cookie.encode()))

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        return labelled


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    response = PlainTextResponse(f"{why}\n", status, {"connection": "close"})
    await response(scope, receive, send)


async def _body(receive: Receive) -> bytes | None:
    """Read the whole body; None where it is too long, or takes too long."""
    try:
        async with asyncio.timeout(BODY_WITHIN):
            return await _whole(receive)
    except TimeoutError:
        return None


async def _whole(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return body


def _fault(body: bytes) -> str:
    """What is wrong with a body that is not empty: it must be JSON, and text in it Unicode."""
    if not body:
        return ""
    try:
        value = json.loads(body, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # 1e999 is infinite too
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "too deep"
        return f"no JSON: {reason[:100]}".encode("ascii", "replace").decode()
    return ""


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives a body once more, and then what comes after it."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
