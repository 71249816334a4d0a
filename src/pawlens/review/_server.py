"""The review page on a local port."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from ..base import require
from ..errors import UsageError
from ._review import Review

__all__ = ["serve_review"]

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
    require("fastapi", extra="serve")
    uvicorn = require("uvicorn", extra="serve")
    from ._routes import review_app

    review = Review(folder)
    token = secrets.token_urlsafe(32)
    with _listen(port) as listening:
        port = listening.getsockname()[1]
        app = review_app(review, token=token, port=port)
        config = uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=2,
            ws="none",
        )
        ready(f"http://{_HOST}:{port}/?token={token}")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:  # Ctrl-C is the usual way to end it
            pass
        finally:
            review.close()
    return review.decided


def _listen(port: int) -> socket.socket:
    if not 0 <= port < _PORTS:
        raise UsageError(f"port {port} is none; choose one below {_PORTS} or leave it out")
    try:
        # On this machine only: others in the network cannot connect.
        return socket.create_server((_HOST, port))
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used ({error.strerror}); choose another or leave it out"
        ) from error
