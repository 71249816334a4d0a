"""The page of explanations: each photo, its map, and what every backbone says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import data_uri
from ..explain import AGAINST, FOR, STRONGEST, Explanation
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
        Its numbers: what `as_row` gives.
    photo, overlay : str
        Data URIs.
    parts : list of (row, picture)
        For each backbone its numbers and the data URI of its own map, "" where it has none or is
        the only one.
    """

    path: str
    explanation: Mapping[str, Any]
    photo: str
    overlay: str
    parts: Sequence[tuple[Mapping[str, Any], str]]


def as_row(one: Explanation) -> dict[str, Any]:
    """The numbers of an explanation, for a machine."""
    shares = zip(one.parts, one.shares, strict=True)
    return {
        "class": one.class_name,
        "probability": one.probability,
        "answer": one.answer,
        "method": one.method,
        "logit": one.logit,
        "backbones": [
            {
                "name": part.name,
                "contribution": part.contribution,
                "share": share,
                "mapped": part.grid is not None,
            }
            for part, share in shares
        ],
    }


def make_card(path: str, one: Explanation) -> Card:
    """A photo's pictures and numbers; the photo itself can be let go afterwards."""
    row = as_row(one)
    alone = len(one.parts) == 1
    parts = [
        (
            numbers,
            "" if alone or part.grid is None else data_uri(jpeg(one.overlay(part), Side.SHEET)),
        )
        for part, numbers in zip(one.parts, row["backbones"], strict=True)
    ]
    photo, overlay = (data_uri(jpeg(pixels, Side.CARD)) for pixels in (one.pixels, one.overlay()))
    return Card(path, row, photo, overlay, parts)


def render_explanations(
    cards: Sequence[Card],
    *,
    title: str,
    method: str,
    notes: Sequence[str] = (),
    more: int = 0,
    check: Mapping[str, Any] | None = None,
) -> str:
    """The page, self-contained: style, photos and maps are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy).

    Parameters
    ----------
    cards : sequence of Card
    title : str
    method : str
        A key of `METHODS`.
    notes : sequence of str
        What a reader must know: backbones without a map, photos that cannot be read.
    more : int
        Photos that were explained and are not on the page.
    check : mapping, optional
        What `check_maps` found, as `check_section` words it.
    """
    return fill_page(
        "explain.html.j2",
        filters={"logits": _logits},
        title=title,
        method=method,
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
