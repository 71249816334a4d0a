"""The short way of the commonest request, beside the routes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from starlette.requests import Request

from ._refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    Answers = Callable[[Request], Awaitable[Response]]
    Refuses = Callable[[Refused], Response]

__all__ = ["Lane"]

_PATH = "/predict"


class Lane:
    """ASGI middleware: answers ``POST /predict`` without options, and hands on all else.

    FastAPI finds the route among all, and reads options that are not there, in as much processor
    time as the rest of HTTP takes; what is answered is the same.

    Parameters
    ----------
    app : ASGI application
        Answers everything else.
    answer : callable
        Answers a request to ``/predict``, or raises Refused.
    refuse : callable
        Makes the response to a refused one.
    """

    def __init__(self, app: ASGIApp, answer: Answers, refuse: Refuses) -> None:
        self._app, self._answer, self._refuse = app, answer, refuse
        self._route = SimpleNamespace(path=_PATH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _takes(scope):
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        try:
            response = await self._answer(Request(scope, receive))
        except Refused as refused:
            response = self._refuse(refused)
        await response(scope, receive, send)


def _takes(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == _PATH and scope["method"] == "POST" and not scope["query_string"]
