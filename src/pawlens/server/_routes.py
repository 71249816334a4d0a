"""``/predict``, and what else a server says over plain HTTP."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from ._answers import UNREADABLE, answer_request, named
from ._refusals import REFUSALS

if TYPE_CHECKING:
    from ._desk import Desk
    from ._metrics import Metrics
    from ._shelf import Shelf

__all__ = ["plain_routes"]

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
    embedding: list[float] | None = None


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
        return JSONResponse({"models": [named(model) for model in shelf.models]})

    unread: dict[int | str, dict[str, Any]] = {
        UNREADABLE: {"model": Answered, "description": "The only photo cannot be read."}
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
        embedding: Annotated[
            bool, Query(description="Whether each answer has the pooled features of the photo.")
        ] = False,
    ) -> Response:
        return await answer_request(
            request, shelf, desk, model, version, maps=map, embeddings=embedding
        )

    return router


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
