"""The application of a server: models, routes and gate in one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ..base import __version__
from ._answers import answer_request
from ._desk import Desk
from ._diary import Diary
from ._gate import Gate
from ._lane import Lane
from ._memory import keep_giving_back, share_heaps
from ._metrics import Metrics
from ._protocol import protocol_routes
from ._record import Record
from ._refusals import Refused, refusal
from ._routes import plain_routes
from ._served import ServedModel
from ._shelf import Shelf

if TYPE_CHECKING:
    from ._places import Place
    from ._settings import ServerSettings

__all__ = ["server_app"]


def server_app(
    places: Sequence[Place],
    settings: ServerSettings,
    *,
    port: int,
    started: Callable[[], None] = lambda: None,
) -> Gate:
    """Open the models, and make the application that answers for them.

    Parameters
    ----------
    places : sequence of Place
    settings : ServerSettings
    port : int
        Port that it will be served on.
    started : callable
        Called once requests are answered.

    Raises
    ------
    PawlensError
        A model cannot be opened, or the record's folder cannot be made.
    """
    share_heaps()  # before any thread of an engine starts
    metrics = Metrics()
    diary = Diary(metrics, quiet=settings.quiet)

    def open_model(place: Place) -> ServedModel:
        return ServedModel(
            place.name,
            place.version,
            place.source,
            precision=settings.precision,
            max_pixels=settings.max_pixels,
            metrics=metrics,
        )

    shelf = Shelf(places, open_model)
    folder = settings.record
    record = Record(folder, settings.keep_photos, metrics, diary) if folder else None

    async def renew() -> None:
        diary.note("models were read again", models=await shelf.reload())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        renewing: set[asyncio.Task[None]] = set()

        def on_hangup() -> None:
            task = asyncio.create_task(renew())
            renewing.add(task)
            task.add_done_callback(renewing.discard)

        if hasattr(signal, "SIGHUP") and current_thread() is main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_hangup)
        started()
        giving_back = asyncio.create_task(keep_giving_back())
        with diary.of_libraries():
            yield
        giving_back.cancel()
        app.state.stopping = True
        shelf.close()
        if record is not None:
            record.close()

    app = FastAPI(
        title="pawlens",
        version=__version__,
        description="Says what photos show.",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,  # the root path comes with each request, from uvicorn
    )
    app.state.stopping = False
    desk = Desk(settings.queue, metrics, record)
    app.include_router(plain_routes(shelf, desk, metrics))
    app.include_router(protocol_routes(shelf, desk, allow_load=settings.allow_load))

    def refuse(refused: Refused) -> Response:
        metrics.refusals.labels(refused.reason).inc()
        return refusal(refused)

    async def answer(request: Request) -> Response:
        return await answer_request(request, shelf, desk)

    @app.exception_handler(Refused)
    async def refuse_request(request: Request, refused: Refused) -> Response:
        return refuse(refused)

    @app.exception_handler(RequestValidationError)
    async def no_value(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        what = ".".join(str(part) for part in first["loc"][1:])
        return refusal(Refused(400, "body", f"{what[:100]}: {first['msg']}"))

    @app.exception_handler(HTTPException)
    async def no_route(request: Request, error: HTTPException) -> Response:
        return refusal(Refused(error.status_code, "path", str(error.detail)), error.headers)

    lane = Lane(app, answer, refuse)
    return Gate(lane, settings, port=port, metrics=metrics, diary=diary)
