"""The page of explanations: each photo, its map, and what every backbone says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import data_uri
from ..explain import AGAINST, FOR, METHODS, STRONGEST, Explanation
from ..photos import Side, jpeg
from ._html import fill_page

__all__ = ["Card", "as_row", "make_card", "render_explanations"]


@dataclass(frozen=True)
class Card:
    """One photo on the page.

    Attributes
    ----------
    path : str
    explanation : dict
        The numbers of the explanation, from `as_row`.
    photo, overlay : str
        Data URIs of the photo, and of the photo under its map.
    parts : list of (row, picture)
        Numbers of each backbone and the data URI of its own map, "" where it has none or is
        the only one.
    """

    path: str
    explanation: Mapping[str, Any]
    photo: str
    overlay: str
    parts: Sequence[tuple[Mapping[str, Any], str]]


def as_row(explanation: Explanation) -> dict[str, Any]:
    """Return the numbers of an explanation as plain values."""
    shares = zip(explanation.parts, explanation.shares, strict=True)
    return {
        "class": explanation.class_name,
        "probability": explanation.probability,
        "answer": explanation.answer,
        "instead": explanation.instead,
        "method": explanation.method,
        "logit": explanation.logit,
        "backbones": [
            {
                "name": part.name,
                "contribution": part.contribution,
                "share": share,
                "mapped": part.grid is not None,
                "method": part.method,
            }
            for part, share in shares
        ],
    }


def make_card(path: str, explanation: Explanation) -> Card:
    """Make the card of a photo; the photo itself can be freed afterwards."""
    row = as_row(explanation)
    alone = len(explanation.parts) == 1
    parts = [
        (
            numbers,
            ""
            if alone or part.grid is None
            else data_uri(jpeg(explanation.shrunk(Side.SHEET).overlay(part))),
        )
        for part, numbers in zip(explanation.parts, row["backbones"], strict=True)
    ]
    shown = explanation.shrunk(Side.CARD)
    photo, overlay = (data_uri(jpeg(pixels)) for pixels in (shown.pixels, shown.overlay()))
    return Card(path, row, photo, overlay, parts)


def render_explanations(
    cards: Sequence[Card],
    *,
    title: str,
    notes: Sequence[str] = (),
    more: int = 0,
    check: Mapping[str, Any] | None = None,
) -> str:
    """Render the page of explanations, self-contained: style, photos and maps are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy).

    Parameters
    ----------
    cards : sequence of Card
    title : str
    notes : sequence of str
        Notes for the reader: backbones without a map, photos that cannot be read.
    more : int
        Number of photos that were explained and are not on the page.
    check : mapping, optional
        Results of `check_maps`, as `check_section` words them.
    """
    return fill_page(
        "explain.html.j2",
        filters={"logits": _logits},
        title=title,
        methods=sorted({part["method"] for card in cards for part, _ in card.parts} - {None}),
        words=METHODS,
        cards=cards,
        notes=notes,
        more=more,
        check=check,
        colours={"for": _css(FOR), "against": _css(AGAINST), "strongest": STRONGEST},
    )


def _css(colour: tuple[int, int, int]) -> str:
    return " ".join(map(str, colour))


def _logits(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
