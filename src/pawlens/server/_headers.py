"""Headers of a request, read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["request_headers"]


def request_headers(scope: Scope) -> dict[str, str]:
    """Return the first value of each header, by its name in lower case.

    Starlette's own table decodes all headers whenever one is looked up.
    """
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in reversed(scope["headers"])
    }
