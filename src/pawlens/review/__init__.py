"""The review page, which answers on a local port."""

from ._review import Review
from ._server import ReviewPage, review, serve_review

__all__ = ["Review", "ReviewPage", "review", "serve_review"]
