"""The one style sheet of all pages."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["page_style"]


def page_style() -> Markup:
    """CSS to stand inside ``<style>``; light and dark, from a phone's width up."""
    from markupsafe import Markup

    return Markup(files(__package__).joinpath("style.css").read_text(encoding="utf-8"))
