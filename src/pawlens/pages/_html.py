"""Tools that all pages share: filling templates, the style sheet, and inline pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from ..base import data_uri, plain
from . import _words as words

__all__ = ["fill_page"]

_FILTERS: Mapping[str, Callable[..., str]] = {
    "data_uri": lambda picture: data_uri(picture),
    "fact": words.fact,
    "interval": words.interval,
    "loss": words.loss,
    "one_in": words.one_in,
    "percent": words.percent,
    "probability": words.probability,
    "tone": words.tone,
}


def _shown(value: Any) -> Any:
    """What a page shows of a value: a name with control characters must not turn or end a line."""
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def fill_page(
    template: str,
    *,
    filters: Mapping[str, Callable[..., str]] | None = None,
    **values: Any,
) -> str:
    """Fill a template; values that are not markup are escaped, and no value may be missing.

    Parameters
    ----------
    template : str
    filters : mapping of str to callable, optional
        Further filters for the template, beside Jinja's and those of all pages: numbers in words.
    **values
        Values that the template names. `style` is added: CSS to stand inside ``<style>``, light and
        dark, from a phone's width up.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    folder = files(__package__).joinpath("templates")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {**_FILTERS, **(filters or {})}
    style = Markup(folder.joinpath("style.css").read_text(encoding="utf-8"))
    return environment.get_template(template).render(style=style, **values)
