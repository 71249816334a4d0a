"""How results show themselves in a notebook: a small card of HTML."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import NamedTuple, TypeVar

__all__ = ["Bar", "bar_chart", "data_uri", "notebook_card", "or_plain_text"]

Shown = TypeVar("Shown")

_NAMES, _WIDE, _ROW = 150, 520, 22  # pixels: of the names, of the whole chart, of a row
_LONGEST = 22  # characters of a name in a chart


class Bar(NamedTuple):
    """A row of a chart.

    Attributes
    ----------
    name : str
    value : float
        Not negative.
    low, high : float, optional
        The ends of its interval.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def or_plain_text(card: Callable[[Shown], str]) -> Callable[[Shown], str | None]:
    """Make a ``_repr_html_`` that shows the plain `repr` where the card cannot be made.

    Whoever looks at a result whose files are damaged, or gone, must see which one it is and not
    the traceback of a drawing.
    """

    @functools.wraps(card)
    def shown(result: Shown) -> str | None:
        try:
            return card(result)
        except Exception:
            return None  # a notebook then shows the repr

    return shown


def notebook_card(
    title: str,
    *,
    facts: Iterable[tuple[str, str]] = (),
    header: Sequence[str] = (),
    rows: Iterable[Sequence[str]] = (),
    pictures: Iterable[tuple[str, str]] = (),
    notes: Iterable[str] = (),
) -> str:
    """Put together a card; all text is escaped.

    Parameters
    ----------
    title : str
    facts : iterable of (label, text)
        A line each, under the title.
    header, rows : sequences of str
        A table; no header, no table.
    pictures : iterable of (address, caption)
        The addresses are those of `data_uri`.
    notes : iterable of str
        A line each, at the end.
    """
    parts = [f"<b>{escape(title)}</b>"]
    parts += [f"<div>{escape(label)}: {escape(text)}</div>" for label, text in facts]
    if header:
        lines = [_line("th", header), *(_line("td", row) for row in rows)]
        parts.append(f"<table>{''.join(lines)}</table>")
    shown = [_picture(address, caption) for address, caption in pictures]
    if shown:
        style = "display:flex;flex-wrap:wrap;gap:8px;align-items:flex-end"
        parts.append(f'<div style="{style}">{"".join(shown)}</div>')
    parts += [f"<div><i>{escape(note)}</i></div>" for note in notes]
    return f"<div>{''.join(parts)}</div>"


def _line(cell: str, texts: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"


def _picture(address: str, caption: str) -> str:
    image = f'<img src="{escape(address)}" alt="{escape(caption)}" style="max-height:160px">'
    under = f'<figcaption style="max-width:180px">{escape(caption)}</figcaption>' if caption else ""
    return f'<figure style="margin:0">{image}{under}</figure>'


def data_uri(picture: bytes, kind: str = "image/jpeg") -> str:
    """Encode a picture as an address that stands in a page by itself."""
    return f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"


def bar_chart(bars: Sequence[Bar]) -> str:
    """Draw bars from zero, with their intervals, as the address of an SVG picture.

    Parameters
    ----------
    bars : sequence of Bar
        From top to bottom, all on one scale.
    """
    most = max((bar.value if bar.high is None else bar.high for bar in bars), default=0.0)
    scale = (_WIDE - _NAMES - 10) / (most or 1.0)
    rows = "".join(_bar(bar, number * _ROW, scale) for number, bar in enumerate(bars))
    size = f'width="{_WIDE}" height="{len(bars) * _ROW}"'
    # A picture inside an address knows nothing of the page's colours: grey can be read on both.
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size} fill="#888">{rows}</svg>'
    return data_uri(drawing.encode(), "image/svg+xml")


def _bar(bar: Bar, top: int, scale: float) -> str:
    name = bar.name if len(bar.name) <= _LONGEST else bar.name[: _LONGEST - 1] + "…"
    text = f'<text x="0" y="{top + 15}" font-family="sans-serif" font-size="12">'
    parts = [f"{text}{escape(name)}</text>"]
    width = f'width="{bar.value * scale:.1f}"'
    parts.append(f'<rect x="{_NAMES}" y="{top + 4}" {width} height="14" fill="#4c8bf5"/>')
    if bar.low is not None and bar.high is not None:
        ends = (f"{_NAMES + end * scale:.1f}" for end in (bar.low, bar.high))
        line = f"M{next(ends)} {top + 11}H{next(ends)}"
        parts.append(f'<path d="{line}" stroke="#888" stroke-width="3"/>')
    return "".join(parts)
