"""Refusals: every request that is not answered gets a status and one line that says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.responses import JSONResponse

__all__ = ["REFUSALS", "Refused", "refusal"]


class Problem(BaseModel):
    """Why a request was not answered."""

    error: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words}
    for status, words in {
        400: "The request is not what its type says, or holds no photo.",
        401: "The token is missing or wrong.",
        403: "This address or origin may not ask, or for this.",
        404: "There is no such model.",
        408: "The request did not come in time.",
        413: "The request is too large.",
        415: "The type of the content is none that is read.",
        503: "Too much at once; Retry-After says when to try again.",
        504: "The answer did not come in time.",
    }.items()
}
"""What every route may answer in place of its own answer, for the description."""


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
