"""A server in one process or in several, until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..base import notebook_card, or_plain_text, require
from ..errors import UsageError
from ..models import ModelLike
from ..runs import Run
from ._places import Place, parse_places
from ._settings import BACKLOG, ServerSettings

if TYPE_CHECKING:
    import uvicorn

__all__ = ["Server", "run_server", "serve"]

_NEEDED = ("fastapi", "httptools", "uvicorn", "python_multipart", "prometheus_client")


def run_server(
    models: Sequence[str],
    settings: ServerSettings,
    *,
    ready: Callable[[str], None] = lambda link: None,
) -> None:
    """Serve models until the process is interrupted or told to end; what was accepted is answered.

    Parameters
    ----------
    models : sequence of str
        ``[NAME[@VERSION]=]RUN`` for each; see `parse_places`.
    settings : ServerSettings
    ready : callable
        Told the address once models are open and connections are taken.

    Raises
    ------
    PawlensError
        A model cannot be opened, or the address cannot be used.
    MissingExtra
        The extra ``serve`` is not installed.
    """
    places = _places(models)
    with _listening(settings) as listening:
        link = _link(settings, listening)
        if settings.workers == 1:
            server = _one_process(places, settings, listening, partial(ready, link))
            with suppress(KeyboardInterrupt):  # the usual way to end it
                server.run(sockets=[listening])
        else:
            from ._workers import run_workers

            run_workers(places, settings, listening, partial(ready, link))


class Server:
    """A server that answers while other work goes on; `serve` gives one.

    Attributes
    ----------
    link : str
        Its address.
    """

    def __init__(self, models: Sequence[str], settings: ServerSettings) -> None:
        places = _places(models)
        self._open = ExitStack()
        listening = self._open.enter_context(_listening(settings))
        self.link = _link(settings, listening)
        try:
            self._server = _one_process(places, settings, listening)
        except BaseException:
            self._open.close()
            raise
        self._thread = Thread(
            target=self._server.run, args=([listening],), daemon=True, name="server"
        )
        self._thread.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Server({self.link})"

    @or_plain_text
    def _repr_html_(self) -> str:
        return notebook_card("Server", facts=[("address", self.link)])

    def stop(self) -> None:
        """Answer what was accepted, and end. Once more does no harm."""
        self._server.should_exit = True
        self._thread.join()
        self._open.close()


def serve(*models: ModelLike, port: int = 0, **settings: Any) -> Server:
    """Serve models over HTTP on this machine, and return at once.

    Parameters
    ----------
    *models : Run or path
        Run folders or ``model.onnx`` files, as ``[NAME[@VERSION]=]PATH``; the classifier that comes
        with pawlens where none is named.
    port : int
        0 takes a free one.
    **settings
        Fields of `ServerSettings`: ``queue``, ``max_bytes``, ``timeout``, ``token`` and others.

    Returns
    -------
    Server
        It answers until `Server.stop`, the end of a ``with`` block, or the end of the program.

    Raises
    ------
    UsageError
        A setting is out of range, or the port is taken.
    RunError
        There is no such model.
    MissingExtra
        The extra ``serve`` is not installed.

    Examples
    --------
    >>> import json, urllib.request
    >>> from pathlib import Path
    >>> from pawlens import serve
    >>> photo = Path("photos/test/1.jpg").read_bytes()
    >>> with serve("runs/first", quiet=True) as server:
    ...     asked = urllib.request.Request(server.link + "/predict", photo)
    ...     answer = json.load(urllib.request.urlopen(asked))
    >>> answer["photos"][0]["label"] in ("cat", "dog")
    True
    """
    return Server([_source(model) for model in models], ServerSettings(port=port, **settings))


def _source(model: ModelLike) -> str:
    if isinstance(model, Run):
        return str(model.path)
    if isinstance(model, (str, Path)):
        return str(model)
    raise UsageError("a model is served from its file: give its path or its run")


def _places(models: Sequence[str]) -> list[Place]:
    for package in _NEEDED:
        require(package, extra="serve")
    from ..models import BUNDLED

    return parse_places(models or [BUNDLED])


@contextmanager
def _listening(settings: ServerSettings) -> Iterator[socket.socket]:
    """A socket that takes connections."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=BACKLOG
        )
    except OSError as error:
        raise UsageError(
            f"{settings.host}, port {settings.port}: cannot be used "
            f"({error.strerror or error}); choose another --host or --port"
        ) from error
    with listening:
        yield listening


def _link(settings: ServerSettings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}{settings.root_path}"


def _one_process(
    places: list[Place],
    settings: ServerSettings,
    listening: socket.socket,
    started: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """Open the models, and make a server that does not run yet."""
    import uvicorn

    from ._app import server_app
    from ._workers import uvicorn_config

    app = server_app(places, settings, port=listening.getsockname()[1], started=started)
    return uvicorn.Server(uvicorn_config(app, settings))
