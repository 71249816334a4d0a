"""The routes of the review page over HTTP."""

from __future__ import annotations

import asyncio
from html import escape
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from ..audit import Action
from ..errors import PawlensError, UsageError
from ..photos import Side
from ._access import Guard
from ._review import Review

__all__ = ["review_app"]

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_PLACE_OF_TOKEN = "PAWLENS-TOKEN"
_SIDES = {"thumb": Side.GRID, "large": Side.SCREEN}
_KEPT = "private, max-age=31536000, immutable"  # the address holds the content's hash


class _Decided(BaseModel):
    """The body of a decision."""

    model_config = ConfigDict(extra="forbid")

    row: int
    content: Annotated[str, Field(max_length=64)]
    action: Action
    labels: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=64)] = []
    reason: Annotated[str, Field(max_length=1000)] = ""


def review_app(review: Review, *, token: str, port: int) -> Guard:
    """Make the review page, as an ASGI application that checks the token.

    Parameters
    ----------
    review : Review
    token : str
    port : int
        Port where it will be served; requests that name another one are refused.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(PawlensError, _as_json)
    _add_page(app, token)
    _add_answers(app, review)
    return Guard(app, token=token, port=port)


def _add_page(app: FastAPI, token: str) -> None:
    """Add the page's own files: a fixed set, read once, so that no request reaches the disk."""
    page = {file.name: file.read_bytes() for file in files(__package__).joinpath("page").iterdir()}
    html = page.pop("review.html").replace(_PLACE_OF_TOKEN.encode(), escape(token).encode())

    @app.get("/")
    def index() -> Response:
        return Response(html, media_type=_TYPES[".html"], headers={"cache-control": "no-store"})

    @app.get("/page/{name}")
    def file(name: str) -> Response:
        if name not in page:
            raise HTTPException(404, "no such file")
        kind = _TYPES[name[name.rindex(".") :]]
        return Response(page[name], media_type=kind, headers={"cache-control": "no-cache"})


def _add_answers(app: FastAPI, review: Review) -> None:
    @app.get("/api/review")
    def overview() -> JSONResponse:
        return _fresh(review.overview())

    @app.get("/api/scores/{kind}")
    def scores(kind: str) -> JSONResponse:
        return _fresh(review.scores(kind))

    @app.get("/api/photo/{row}")
    def photo(row: int) -> JSONResponse:
        return _fresh(review.photo(_known(row, review)))

    @app.get("/{size}/{row}/{content}.jpg")
    async def picture(size: str, row: int, content: str) -> Response:
        if size not in _SIDES:
            raise HTTPException(404, "no such size")
        made = review.picture(_known(row, review), content, _SIDES[size])
        data = await asyncio.wrap_future(made)
        return Response(data, media_type="image/jpeg", headers={"cache-control": _KEPT})

    # Not async: waiting for the disk must not hold up the pictures.
    @app.post("/api/decisions")
    def decide(body: _Decided) -> JSONResponse:
        row = _known(body.row, review)
        return _fresh(review.decide(row, body.content, body.action, body.labels, body.reason))

    @app.post("/api/undo")
    def undo() -> JSONResponse:
        return _fresh(review.undo())


def _known(row: int, review: Review) -> int:
    if not 0 <= row < len(review):
        raise HTTPException(404, "no such row")
    return row


def _fresh(value: Any) -> JSONResponse:
    return JSONResponse(value, headers={"cache-control": "no-store"})


def _as_json(request: Request, error: Exception) -> JSONResponse:
    status = 409 if isinstance(error, UsageError) else 500
    return JSONResponse({"detail": str(error)}, status)
