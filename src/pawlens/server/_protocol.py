"""The Open Inference Protocol v2 over HTTP, so that clients of KServe and Triton work unchanged.

Source: https://github.com/kserve/open-inference-protocol, and Triton's extension for binary
tensors (``docs/protocol/extension_binary_data.md`` of triton-inference-server/server).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from ..base import __version__
from ._refusals import REFUSALS, Refused
from ._tensors import FURTHER, HEADER_LENGTH, IMAGE, OUTPUTS, answer_tensors, photos_in_tensors

if TYPE_CHECKING:
    from ._desk import Desk
    from ._served import ServedModel
    from ._shelf import Shelf

__all__ = ["protocol_routes"]

_ANY = {"application/json": {"schema": {"type": "object"}}}
_BODY = {"requestBody": {"required": True, "content": _ANY}}


def protocol_routes(shelf: Shelf, desk: Desk, *, allow_load: bool) -> APIRouter:
    """Make the routes below ``/v2``."""
    router = APIRouter(prefix="/v2", responses=REFUSALS)
    _add_facts(router, shelf)
    _add_repository(router, shelf, allow_load=allow_load)

    @router.post("/models/{model}/infer", openapi_extra=_BODY)
    @router.post("/models/{model}/versions/{version}/infer", openapi_extra=_BODY)
    async def infer(request: Request, model: str, version: str = "") -> Response:
        served = shelf.find(model, version)
        if "content-encoding" in request.headers:
            raise Refused(415, "type", "the body is compressed; send it as it is")
        length = request.headers.get(HEADER_LENGTH)
        photos, asked = photos_in_tensors(await request.body(), length)
        answers = await desk.answer(served, photos)
        body, json_bytes = answer_tensors(served, answers, asked)
        if json_bytes is None:
            return Response(body, media_type="application/json")
        headers = {HEADER_LENGTH: str(json_bytes)}
        return Response(body, media_type="application/octet-stream", headers=headers)

    return router


def _add_facts(router: APIRouter, shelf: Shelf) -> None:
    @router.get("")
    def server() -> JSONResponse:
        extensions = ["binary_tensor_data", "model_repository"]
        return JSONResponse({"name": "pawlens", "version": __version__, "extensions": extensions})

    @router.get("/health/live")
    def live() -> JSONResponse:
        return JSONResponse({"live": True})

    @router.get("/health/ready")
    def ready(request: Request) -> JSONResponse:
        stopping = bool(request.app.state.stopping)
        return JSONResponse({"ready": not stopping}, 503 if stopping else 200)

    @router.get("/models/{model}")
    @router.get("/models/{model}/versions/{version}")
    def metadata(model: str, version: str = "") -> JSONResponse:
        return JSONResponse(_metadata(shelf.find(model, version), shelf))

    @router.get("/models/{model}/ready")
    @router.get("/models/{model}/versions/{version}/ready")
    def model_ready(model: str, version: str = "") -> JSONResponse:
        served = shelf.find(model, version)
        return JSONResponse({"name": served.name, "ready": True})


def _add_repository(router: APIRouter, shelf: Shelf, *, allow_load: bool) -> None:
    @router.post("/repository/index")
    def index() -> JSONResponse:
        return JSONResponse(
            [{"name": m.name, "version": m.version, "state": "READY"} for m in shelf.models]
        )

    @router.post("/repository/models/{model}/load")
    async def load(model: str) -> JSONResponse:
        if not allow_load:
            raise Refused(403, "path", "loading by request is off; start with --allow-load")
        shelf.find(model)
        outcome = await shelf.reload(model)
        kept = [line for line in outcome.values() if line not in ("loaded", "unchanged")]
        if kept:
            raise Refused(400, "model", f"the old model stays: {kept[0]}")
        return JSONResponse({"models": outcome})


def _metadata(served: ServedModel, shelf: Shelf) -> dict[str, Any]:
    classes = served.model.classes_
    shapes = {
        "probabilities": ("FP64", [-1, len(classes)]),
        "embedding": ("FP32", [-1, served.width]),
    }
    outputs = []
    for name in (*OUTPUTS, *FURTHER):
        kind, shape = shapes.get(name, ("BYTES", [-1]))
        outputs.append({"name": name, "datatype": kind, "shape": shape})
    return {
        "name": served.name,
        "versions": [m.version for m in shelf.models if m.name == served.name],
        "platform": "pawlens_onnx",
        "inputs": [{"name": IMAGE, "datatype": "BYTES", "shape": [-1]}],
        "outputs": outputs,
        "parameters": {"classes": classes, "sha256": served.sha256, "precision": served.precision},
    }
