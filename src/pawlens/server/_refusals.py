"""Refusals: every request that is not answered gets a status and one line that says why."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse

__all__ = ["Refused", "refusal"]


class Refused(Exception):
    """A request that is not answered.

    Attributes
    ----------
    status : int
        HTTP status.
    reason : str
        Word under which it is counted: ``body``, ``busy``, ``host``, ``late``, ``model``,
        ``origin``, ``path``, ``size``, ``token``, ``type`` or ``unreadable``.
    line : str
        What the client is told.
    """

    def __init__(self, status: int, reason: str, line: str) -> None:
        super().__init__(line)
        self.status, self.reason, self.line = status, reason, line


def refusal(refused: Refused, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Make the response: ``{"error": line}``, which the Open Inference Protocol asks for too."""
    extra = {"retry-after": "1"} if refused.status == 503 else {}
    if refused.status == 401:
        extra["www-authenticate"] = "Bearer"
    return JSONResponse({"error": refused.line}, refused.status, {**extra, **(headers or {})})
