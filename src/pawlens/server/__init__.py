"""The server: models behind HTTP, for programs and for a page in the browser."""

from ._places import Place, parse_places
from ._server import Server, run_server, serve
from ._settings import TOKEN_VARIABLE, ServerSettings, read_token

__all__ = [
    "TOKEN_VARIABLE",
    "Place",
    "Server",
    "ServerSettings",
    "parse_places",
    "read_token",
    "run_server",
    "serve",
]
