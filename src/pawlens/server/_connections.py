"""Connections that send nothing, or headers without end, are closed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["PatientProtocol"]

_PATIENCE = 10.0  # seconds in which the headers of a request must have come
_MOST_HEADERS = 64 * 1024  # bytes; what comes at once, at most 256 KiB, may go beyond it


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that closes a connection on which no request has come for ten to twenty seconds.

    uvicorn itself waits for ever for the headers of a first request, however long they become.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch a new connection."""
        super().connection_made(transport)
        # Headers and body are two writes; without this the second waits 40 ms for a receipt.
        line = transport.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._without_body = 0  # bytes since a part of a body, or the end of a request, came
        self._has_body = False
        self._seen: Any = self  # the request that was under way when last looked; none yet
        self._watch = self.loop.call_later(_PATIENCE, self._look)

    def data_received(self, data: bytes) -> None:
        """Read what has come, as long as headers, or what follows a body, come to an end."""
        self._has_body = False
        super().data_received(data)
        self._without_body = 0 if self._has_body else self._without_body + len(data)
        if self._without_body > _MOST_HEADERS and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, whose length the gate bounds."""
        self._has_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._has_body = True
        super().on_message_complete()

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
