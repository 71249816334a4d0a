"""The review page, which answers on a local port."""

from ._review import Review
from ._server import serve_review

__all__ = ["Review", "serve_review"]
