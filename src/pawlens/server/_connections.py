"""Connections that send nothing are closed, so that they cannot use up the server."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["PatientProtocol"]

_PATIENCE = 10.0  # seconds in which the headers of a request must have come


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection on which no request has come for ten to twenty seconds.

    uvicorn itself waits for ever for the headers of a first request.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch a new connection."""
        super().connection_made(transport)
        # Headers and body are two writes; without this the second waits 40 ms for a receipt.
        line = transport.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._seen: Any = self  # the request that was under way when last looked; none yet
        self._watch = self.loop.call_later(_PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Close the connection if no request was under way since the last look."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._seen is self.cycle:
            self.transport.close()
            return
        self._seen = self.cycle
        self._watch = self.loop.call_later(_PATIENCE, self._look)
