"""``/predict``, and what else a server says over plain HTTP."""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from ._incoming import photos_of
from ._refusals import REFUSALS

if TYPE_CHECKING:
    from ._desk import Desk
    from ._metrics import Metrics
    from ._served import Answer, ServedModel
    from ._shelf import Shelf

__all__ = ["plain_routes"]

_UNREADABLE = 422
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript"}


class ModelNamed(BaseModel):
    """The model that answered."""

    name: str
    version: str
    sha256: str


class PhotoAnswer(BaseModel):
    """The answer to one photo."""

    name: str
    status: str
    label: str | None = None
    labels: list[str] | None = None
    set: list[str] | None = None
    probabilities: dict[str, float] = {}
    scores: dict[str, float] = {}
    map: str | None = None


class Answered(BaseModel):
    """The answer to a request."""

    model: ModelNamed
    photos: list[PhotoAnswer]


_EXAMPLE = {
    "model": {"name": "pets", "version": "1", "sha256": "9f86d081884c7d65..."},
    "photos": [
        {
            "name": "photo",
            "status": "ok",
            "label": "cat",
            "probabilities": {"cat": 0.98, "dog": 0.02},
            "scores": {},
        }
    ],
}
_PHOTO = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "image/jpeg": {"schema": _PHOTO},
            "application/octet-stream": {"schema": _PHOTO},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"photos": {"type": "array", "items": _PHOTO}},
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["photos"],
                    "properties": {
                        "photos": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["data"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "data": {"type": "string", "format": "byte"},
                                },
                            },
                        }
                    },
                },
                "example": {"photos": [{"name": "1.jpg", "data": "/9j/4AAQSkZJRg..."}]},
            },
        },
    }
}


def plain_routes(shelf: Shelf, desk: Desk, metrics: Metrics) -> APIRouter:
    """Make the routes: ``/``, ``/predict``, ``/predict/MODEL`` and ``/metrics``."""
    router = APIRouter(responses=REFUSALS)
    _add_page(router)

    @router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
    def figures() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    @router.get("/models", summary="The models that answer")
    def models() -> JSONResponse:
        return JSONResponse({"models": [_named(model) for model in shelf.models]})

    unread: dict[int | str, dict[str, Any]] = {
        _UNREADABLE: {"model": Answered, "description": "The only photo cannot be read."}
    }

    @router.post(
        "/predict",
        summary="Say what photos show",
        response_model=Answered,
        responses={**unread, 200: {"content": {"application/json": {"example": _EXAMPLE}}}},
        openapi_extra=_BODY,
    )
    @router.post(
        "/predict/{model}",
        summary="Say what photos show, by a certain model",
        response_model=Answered,
        responses=unread,
        openapi_extra=_BODY,
    )
    async def predict(
        request: Request,
        model: str = "",
        version: Annotated[str, Query(description="The last one by default.")] = "",
        map: Annotated[
            bool, Query(description="Whether each answer has a picture of where it comes from.")
        ] = False,
    ) -> Response:
        served = shelf.find(model, version)
        photos = await photos_of(await request.body(), request.headers)
        answers = await desk.answer(served, photos)
        rows = [_row(p.name, answer) for p, answer in zip(photos, answers, strict=True)]
        if map:
            for row, photo, answer in zip(rows, photos, answers, strict=True):
                if answer.readable:
                    picture = await served.draw_map(photo)
                    row["map"] = base64.b64encode(picture).decode()
        lost = len(answers) == 1 and not answers[0].readable
        content = {"model": _named(served), "photos": rows}
        return JSONResponse(content, _UNREADABLE if lost else 200)

    return router


def _named(model: ServedModel) -> dict[str, str]:
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def _row(name: str, answer: Answer) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "status": answer.status, "label": answer.label}
    if answer.labels is not None:
        row["labels"] = list(answer.labels)
    if answer.set is not None:
        row["set"] = list(answer.set)
    return {**row, "probabilities": answer.probabilities, "scores": answer.scores}


def _add_page(router: APIRouter) -> None:
    """Add the page and its files: a fixed set, read once, so that no request reaches the disk."""
    page = {file.name: file.read_bytes() for file in files(__package__).joinpath("page").iterdir()}

    def add(path: str, name: str) -> None:
        headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}
        kind = _TYPES[name.rpartition(".")[2]]

        @router.get(path, include_in_schema=False)
        def file() -> Response:
            return Response(page[name], media_type=kind, headers=headers)

    add("/", "index.html")
    for name in page:
        if name != "index.html":
            add(f"/page/{name}", name)
