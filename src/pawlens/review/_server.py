"""The review page on a local port: until it is interrupted, or beside other work."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any

from ..base import notebook_card, or_plain_text, require
from ..errors import UsageError
from ._review import Review

__all__ = ["ReviewPage", "review", "serve_review"]

_HOST = "127.0.0.1"
_PORTS = 1 << 16


def serve_review(
    folder: Path, *, port: int = 0, ready: Callable[[str], None] = lambda link: None
) -> int:
    """Serve the review page of an audit folder until it is interrupted.

    Parameters
    ----------
    folder : Path
        A folder of ``pawlens audit``; decisions are added to its ``decisions.jsonl``.
    port : int
        Port on 127.0.0.1; 0 takes a free one.
    ready : callable
        Called with the link, which holds the token, once connections are taken.

    Returns
    -------
    int
        Number of photos, by content, that have a decision now.

    Raises
    ------
    UsageError
        The folder does not hold an audit, its photos are gone, or the port is taken.
    MissingExtra
        The extra ``serve`` is not installed.
    """
    with _opened(folder, port) as (table, server, listening, link):
        with suppress(KeyboardInterrupt):  # the usual way to end it
            ready(link)
            server.run(sockets=[listening])
        decided = table.decided
    return decided


class ReviewPage:
    """A review page that is served while other work goes on; `review` gives one.

    It is served until `stop`, the end of a ``with`` block, or the end of the program.

    Attributes
    ----------
    link : str
        The page's address on this machine, with the token that it asks for.
    folder : Path
        The audit folder.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self._open = ExitStack()
        table, server, listening, self.link = self._open.enter_context(_opened(folder, port))
        self._table, self._server = table, server
        self._thread = Thread(target=server.run, args=([listening],), daemon=True)
        self._thread.start()

    def __enter__(self) -> ReviewPage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"ReviewPage({str(self.folder)!r}, {self.link})"

    @or_plain_text
    def _repr_html_(self) -> str:
        return notebook_card(f"Review of {self.folder}", facts=[("open", self.link)])

    @property
    def decided(self) -> int:
        """Photos, by content, that have a decision now."""
        return self._table.decided

    def stop(self) -> int:
        """End the page; returns how many photos have a decision. Once more does no harm."""
        self._server.should_exit = True
        self._thread.join()
        decided = self._table.decided
        self._open.close()
        return decided


def review(audit: str | Path, *, port: int = 0) -> ReviewPage:
    """Start the review page of an audit folder, and return at once.

    Parameters
    ----------
    audit : path
        What ``pawlens audit``, or `pawlens.audit` with `out`, wrote; decisions are added to its
        ``decisions.jsonl``.
    port : int
        On 127.0.0.1; 0 takes a free one.

    Returns
    -------
    ReviewPage
        Its `link` is to be opened in a browser of this machine.

    Raises
    ------
    UsageError
        The folder is no audit's, its photos are gone, or the port is taken.
    MissingExtra
        The extra ``serve`` is not installed.

    Examples
    --------
    >>> from pawlens import audit
    >>> found = audit("photos", "audits/reviewed")
    >>> with review("audits/reviewed") as page:
    ...     print(page.link.startswith("http://127.0.0.1:"), page.decided)
    True 0
    """
    return ReviewPage(Path(audit), port)


@contextmanager
def _opened(folder: Path, port: int) -> Iterator[tuple[Review, Any, socket.socket, str]]:
    """The review, a server of it that does not run yet, its open port, and the link."""
    require("fastapi", extra="serve")
    uvicorn = require("uvicorn", extra="serve")
    from ._connections import ImpatientProtocol
    from ._routes import review_app

    table = Review(folder)
    token = secrets.token_urlsafe(32)
    try:
        with _listen(port) as listening:
            port = listening.getsockname()[1]
            config = uvicorn.Config(
                review_app(table, token=token, port=port),
                access_log=False,
                http=ImpatientProtocol,
                lifespan="off",
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=1,
                ws="none",
            )
            yield table, uvicorn.Server(config), listening, f"http://{_HOST}:{port}/?token={token}"
    finally:
        table.close()


def _listen(port: int) -> socket.socket:
    if not 0 <= port < _PORTS:
        raise UsageError(f"port {port} is none; choose one below {_PORTS} or leave it out")
    try:
        # On this machine only: whoever else is in the network cannot connect.
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used ({error.strerror}); choose another or leave it out"
        ) from error
