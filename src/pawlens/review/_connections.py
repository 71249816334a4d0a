"""Connections that must ask for something soon: whoever only connects takes nothing from others."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["BODY_WITHIN", "ImpatientProtocol"]

BODY_WITHIN = 5.0
"""Seconds that a request's body may take; a decision takes milliseconds."""

_REQUEST_WITHIN = 5.0  # seconds until the first request is there; a browser takes milliseconds
_MOST_SILENT = 64  # connections without a request; beyond that the oldest one is closed


class ImpatientProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which closes connections that ask for nothing.

    uvicorn waits for the first request of a connection for ever, and a process may only have so
    many connections, so that any user of the machine could keep the page from its owner.
    """

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        # Those of this server, the oldest first.
        self._silent: dict[Any, None] = vars(self.server_state).setdefault("silent", {})
        self._silent[self] = None
        self._deadline: asyncio.TimerHandle = self.loop.call_later(_REQUEST_WITHIN, self._give_up)
        if len(self._silent) > _MOST_SILENT:
            next(iter(self._silent))._give_up()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        if self.cycle is not None:  # a request has arrived: what it may is the guard's business
            self._hear()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._hear()
        super().connection_lost(exc)

    def _hear(self) -> None:
        self._silent.pop(self, None)
        self._deadline.cancel()

    def _give_up(self) -> None:
        self._hear()
        self.transport.abort()
