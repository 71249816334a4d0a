"""The exploration page: words first, then bars, pictures and plots, as one HTML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..base import Progress
from ..photos import Exploration, Thumbnail, make_thumbnails
from ._exploration_words import SPLIT_WORDS, headline, of_hundred, photos_of, sentences, short
from ._html import fill_page
from ._shape_plots import aspect_plot, bytes_plot, size_plot

__all__ = ["render_exploration"]

_BARS = 120  # classes with a bar; of more, the largest and the smallest halves of it
_OWN_SHEET = 4  # photos of each class from which classes have a heading each
_ODD = 12  # photos shown far from all others
_LISTED = 50  # files in a list; --json has them all
_COMBINATIONS = 30
_INPUTS = (160, 224, 380)  # pixels that networks commonly take
_MODES = {
    "1": "black and white",
    "CMYK": "CMYK, for print",
    "I;16": "grey, 16 bits",
    "L": "grey",
    "LA": "grey with transparency",
    "P": "palette",
    "RGB": "colour",
    "RGBA": "colour with transparency",
}


class _Bar(NamedTuple):
    """One class: its name, photos, and photos by split with the width of each part in percent."""

    name: str
    total: int
    parts: list[tuple[str, int, float]]


class _Card(NamedTuple):
    """One photo on the page."""

    picture: Thumbnail
    path: str
    labels: str
    note: str


def render_exploration(found: Exploration, *, progress: Progress | None = None) -> str:
    """The page, self-contained: style, plots and thumbnails are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy). It stays under 5 MB, however many photos and classes there are.
    """
    odd = list(dict.fromkeys(one.row for one in found.shapes.odd))[:_ODD]
    shown = [row for sheet in found.sheets for row in sheet.rows]
    pictures = make_thumbnails(found.photos, [*shown, *odd], progress=progress)
    size = _size_notes(found)
    sheets = [
        (sheet.name, [_card(found, row, pictures, size[row]) for row in sheet.rows])
        for sheet in found.sheets
    ]
    bars = _bars(found)
    return fill_page(
        "explore.html.j2",
        filters={"number": lambda value: f"{value:,}", "short": short},
        title=found.photos.name,
        headline=_unbroken(headline(found.counts)),
        sentences=[_unbroken(one) for one in sentences(found)],
        counts=found.counts,
        split_words=SPLIT_WORDS,
        bars=bars,
        hidden=len(found.counts.classes) - len(bars),
        combinations=list(found.counts.combinations.items())[:_COMBINATIONS],
        sheets=sheets,
        own_sheets=max((len(cards) for _, cards in sheets), default=0) >= _OWN_SHEET,
        odd=[_card(found, row, pictures, size[row]) for row in odd],
        plots=_draw(found),
        shapes=_shape_notes(found),
        tables=_tables(found),
        turned=found.turned,
        same_bytes=found.same_bytes,
        lists=_lists(found),
        listed=_LISTED,
    )


def _unbroken(text: str) -> str:
    """Text in which ``200 x 200`` and ``1 to 1`` stay on one line."""
    return re.sub(r"(?<=\d) (x|to) (?=\d)", "\u00a0\\1\u00a0", text)


def _bars(found: Exploration) -> list[_Bar]:
    """The largest class first."""
    totals = list(found.counts.of_class.items())
    if len(totals) > _BARS:
        totals = totals[: _BARS // 2] + totals[-_BARS // 2 :]
    most = max((number for _, number in totals), default=1)
    return [
        _Bar(
            name,
            total,
            [(s, n, 100 * n / most) for s, n in found.counts.classes[name].items()],
        )
        for name, total in totals
    ]


def _card(found: Exploration, row: int, pictures: Mapping[int, Thumbnail], note: str) -> _Card:
    photo = found.photos[row]
    return _Card(pictures[row], photo.path, ", ".join(photo.labels), note)


def _size_notes(found: Exploration) -> dict[int, str]:
    shapes = found.shapes
    sizes = zip(shapes.row.tolist(), shapes.width.tolist(), shapes.height.tolist(), strict=True)
    return {row: f"{width} x {height}" for row, width, height in sizes}


def _draw(found: Exploration) -> dict[str, Any]:
    """No plot of what is the same for all."""
    from markupsafe import Markup

    drawn = {}
    odd = {one.row for one in found.shapes.odd}
    if len(found.shapes.sizes) > 1:
        drawn = {"sizes": size_plot(found.shapes, odd), "aspects": aspect_plot(found.shapes)}
    if len(set(found.size[found.size > 0].tolist())) > 1:
        drawn["bytes"] = bytes_plot(found.size)
    return {name: Markup(svg) for name, svg in drawn.items()}


def _shape_notes(found: Exploration) -> dict[str, Any]:
    shapes, total = found.shapes, len(found.shapes.row)
    small = {side: int((shapes.shorter < side).sum()) for side in _INPUTS}
    return {
        "named": [(n, of_hundred(c, total)) for n, c in list(shapes.named.items())[:4]],
        "small": [(side, of_hundred(count, total)) for side, count in small.items()],
    }


def _tables(found: Exploration) -> list[tuple[str, list[tuple[str, int, float]]]]:
    total = max(len(found.shapes.row), 1)
    modes = {f"{_MODES[m]} ({m})" if m in _MODES else m: n for m, n in found.modes.items()}
    return [
        (title, [(name, number, 100 * number / total) for name, number in rows.items()])
        for title, rows in (("Format", found.formats), ("Colours", modes))
        if rows
    ]


def _lists(found: Exploration) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """A title, a class of style, and paths with what there is to say about each."""
    wrong = [(path, f"it is a {kind}") for path, kind in found.misnamed]
    skipped = [(one.path, one.reason) for one in found.photos.skipped]
    unreadable = found.unreadable
    others = "1 other file" if len(skipped) == 1 else f"{len(skipped):,} other files"
    lists = [
        (f"{photos_of(len(unreadable))} that cannot be read", "bad", unreadable),
        (f"{photos_of(len(wrong))} of another format than the name says", "", wrong),
        (f"{others} beside them", "", skipped),
    ]
    return [one for one in lists if one[2]]
