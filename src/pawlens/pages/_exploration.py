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

_BARS = 120  # classes with a bar; with more classes, the largest and the smallest
_OWN_SHEET = 4  # photos of each class from which each class has a heading
_ODD = 12  # odd photos that are shown
_LISTED = 50  # files in a list; --json has all of them
_COMBINATIONS = 30
_INPUTS = (160, 224, 380)  # input sizes of common networks, in pixels
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
    """The bar of one class: name, photos, and photos by split with their widths in percent."""

    name: str
    total: int
    parts: list[tuple[str, int, float]]


class _Card(NamedTuple):
    """One photo on the page."""

    picture: Thumbnail
    path: str
    labels: str
    note: str


def render_exploration(exploration: Exploration, *, progress: Progress | None = None) -> str:
    """Render the page of an exploration, self-contained: style, plots and thumbnails are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy). It stays under 5 MB, however many photos and classes there are.
    """
    odd = list(dict.fromkeys(odd_photo.row for odd_photo in exploration.shapes.odd))[:_ODD]
    shown = [row for sheet in exploration.sheets for row in sheet.rows]
    pictures = make_thumbnails(exploration.photos, [*shown, *odd], progress=progress)
    size = _size_notes(exploration)
    sheets = [
        (sheet.name, [_card(exploration, row, pictures, size[row]) for row in sheet.rows])
        for sheet in exploration.sheets
    ]
    bars = _bars(exploration)
    return fill_page(
        "explore.html.j2",
        filters={"number": lambda value: f"{value:,}", "short": short},
        title=exploration.photos.name,
        headline=_unbroken(headline(exploration.counts)),
        sentences=[_unbroken(odd_photo) for odd_photo in sentences(exploration)],
        counts=exploration.counts,
        split_words=SPLIT_WORDS,
        bars=bars,
        hidden=len(exploration.counts.classes) - len(bars),
        combinations=list(exploration.counts.combinations.items())[:_COMBINATIONS],
        sheets=sheets,
        own_sheets=max((len(cards) for _, cards in sheets), default=0) >= _OWN_SHEET,
        odd=[_card(exploration, row, pictures, size[row]) for row in odd],
        plots=_draw(exploration),
        shapes=_shape_notes(exploration),
        tables=_tables(exploration),
        turned=exploration.turned,
        same_bytes=exploration.same_bytes,
        lists=_lists(exploration),
        listed=_LISTED,
    )


def _unbroken(text: str) -> str:
    """Return text in which ``200 x 200`` and ``1 to 1`` stay on one line."""
    return re.sub(r"(?<=\d) (x|to) (?=\d)", "\u00a0\\1\u00a0", text)


def _bars(exploration: Exploration) -> list[_Bar]:
    """Make a bar for each class, the largest class first."""
    totals = list(exploration.counts.of_class.items())
    if len(totals) > _BARS:
        totals = totals[: _BARS // 2] + totals[-_BARS // 2 :]
    most = max((number for _, number in totals), default=1)
    return [
        _Bar(
            name,
            total,
            [(s, n, 100 * n / most) for s, n in exploration.counts.classes[name].items()],
        )
        for name, total in totals
    ]


def _card(
    exploration: Exploration, row: int, pictures: Mapping[int, Thumbnail], note: str
) -> _Card:
    photo = exploration.photos[row]
    return _Card(pictures[row], photo.path, ", ".join(photo.labels), note)


def _size_notes(exploration: Exploration) -> dict[int, str]:
    shapes = exploration.shapes
    sizes = zip(shapes.row.tolist(), shapes.width.tolist(), shapes.height.tolist(), strict=True)
    return {row: f"{width} x {height}" for row, width, height in sizes}


def _draw(exploration: Exploration) -> dict[str, Any]:
    """Draw the plots; a plot of values that are all the same is left out."""
    from markupsafe import Markup

    drawn = {}
    odd = {odd_photo.row for odd_photo in exploration.shapes.odd}
    if len(exploration.shapes.sizes) > 1:
        drawn = {
            "sizes": size_plot(exploration.shapes, odd),
            "aspects": aspect_plot(exploration.shapes),
        }
    if len(set(exploration.size[exploration.size > 0].tolist())) > 1:
        drawn["bytes"] = bytes_plot(exploration.size)
    return {name: Markup(svg) for name, svg in drawn.items()}


def _shape_notes(exploration: Exploration) -> dict[str, Any]:
    shapes, total = exploration.shapes, len(exploration.shapes.row)
    small = {side: int((shapes.shorter < side).sum()) for side in _INPUTS}
    return {
        "named": [(n, of_hundred(c, total)) for n, c in list(shapes.named.items())[:4]],
        "small": [(side, of_hundred(count, total)) for side, count in small.items()],
    }


def _tables(exploration: Exploration) -> list[tuple[str, list[tuple[str, int, float]]]]:
    total = max(len(exploration.shapes.row), 1)
    modes = {f"{_MODES[m]} ({m})" if m in _MODES else m: n for m, n in exploration.modes.items()}
    return [
        (title, [(name, number, 100 * number / total) for name, number in rows.items()])
        for title, rows in (("Format", exploration.formats), ("Colours", modes))
        if rows
    ]


def _lists(exploration: Exploration) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return lists of files: a title, a CSS class, and paths with a remark about each."""
    wrong = [(path, f"it is a {kind}") for path, kind in exploration.misnamed]
    skipped = [(entry.path, entry.reason) for entry in exploration.photos.skipped]
    unreadable = exploration.unreadable
    others = "1 other file" if len(skipped) == 1 else f"{len(skipped):,} other files"
    lists = [
        (f"{photos_of(len(unreadable))} that cannot be read", "bad", unreadable),
        (f"{photos_of(len(wrong))} of another format than the name says", "", wrong),
        (f"{others} beside them", "", skipped),
    ]
    return [entry for entry in lists if entry[2]]
