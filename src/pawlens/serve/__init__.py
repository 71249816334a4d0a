"""What answers on a local port: the review page."""

from ._review import Review
from ._server import serve_review

__all__ = [
    "Review",
    "serve_review",
]
