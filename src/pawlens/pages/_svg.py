"""SVG from a matplotlib figure, to stand inside a page.

Colours become the page's CSS variables, so that plots follow its light or dark theme; text stays
text, in the page's font; ids are unique on the page; the same figure gives the same bytes.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from html import escape
from typing import TYPE_CHECKING, Any

from ..metrics import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "FAINT",
    "INK",
    "VERDICT_COLOURS",
    "WRONG",
    "axes",
    "line_look",
    "log_ticks",
    "stand_ins",
    "style",
    "to_svg",
]

# Never seen: each is replaced by a variable of the page's style sheet.
INK, FAINT, ACCENT, WRONG = "#010203", "#010204", "#010205", "#010206"
_VARIABLES = {INK: "--ink", FAINT: "--line", ACCENT: "--accent", WRONG: "--wrong"}
VERDICT_COLOURS: Mapping[Verdict, str] = {
    "better": ACCENT,
    "worse": WRONG,
    "no real difference": INK,
}
_PHONE = 360  # points; a wider plot scrolls on a phone instead of shrinking
_DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)))
_TICKS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))  # coarse to fine
_FEWEST_TICKS = 3
_LONG = re.compile(r"-?\d+\.\d{3,}")


def style() -> AbstractContextManager[None]:
    """Return the context with the look of all plots; wrap drawing and `to_svg` in it."""
    import matplotlib

    return matplotlib.rc_context(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": FAINT,
            "axes.labelcolor": INK,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "font.size": 9,
            "grid.color": FAINT,
            "grid.linewidth": 0.5,
            "lines.linewidth": 1.6,
            "svg.fonttype": "none",
            "svg.hashsalt": "pawlens",
            "text.color": INK,
            "xtick.color": FAINT,
            "xtick.labelcolor": INK,
            "ytick.color": FAINT,
            "ytick.labelcolor": INK,
        }
    )


def axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure with one pair of axes, in inches; a width of 4.4 suits a phone."""
    from matplotlib.figure import Figure

    figure = Figure((width, height), layout="constrained")
    return figure, figure.add_subplot()


def line_look(number: int) -> dict[str, Any]:
    """Return colour and dashes of one of several lines; up to nine differ."""
    colour = (ACCENT, WRONG, INK)[number % 3]
    return {"color": colour, "linestyle": _DASHES[number // 3 % len(_DASHES)]}


def log_ticks(ax: Axes) -> None:
    """Put a few plain numbers on the logarithmic y axis of a drawn plot, whatever its range."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    low, high = ax.get_ylim()
    locators = [LogLocator(subs=subs) for subs in _TICKS]
    ticks = [sum(low <= y <= high for y in locator.tick_values(low, high)) for locator in locators]
    enough = (
        locator for locator, count in zip(locators, ticks, strict=True) if count >= _FEWEST_TICKS
    )
    ax.yaxis.set_major_locator(next(enough, MaxNLocator(5)))
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:.4g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def stand_ins(names: Sequence[str], longest: int = 22) -> dict[str, str]:
    """Make text of about the same width, to draw in place of names that a user chose.

    Matplotlib would read ``$`` as mathematics, and its font has no Chinese; `to_svg` puts the
    names in their places.

    Returns
    -------
    dict of str to str
        Placeholder text -> the name, shortened to `longest` columns, in the order of `names`.
    """
    drawn = {}
    for i, name in enumerate(names):
        short, width = "", 0
        for letter in name:
            width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
            if width > longest:
                short, width = short.rstrip() + "…", longest
                break
            short += letter
        mark = f"[{i}]"
        drawn[mark + "n" * (width - len(mark))] = short
    return drawn


def to_svg(figure: Figure, name: str, label: str, names: dict[str, str] | None = None) -> str:
    """Render a figure as one ``<svg>`` element.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Prefix of the ids inside, unique on the page.
    label : str
        Description of the plot, for those who cannot see it.
    names : dict, optional
        Names by placeholder, from `stand_ins`.
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    svg = buffer.getvalue()
    width = figure.get_figwidth() * 72
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<defs>\s*<style.*?</defs>", "", svg, count=1, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', svg)
    least = f";min-width:{width:.0f}px" if width > _PHONE else ""
    opening = (
        f'<svg class="plot" {box.group() if box else ""} role="img" '
        f'aria-label="{escape(label)}" style="max-width:{width * 1.45:.0f}px{least}">'
    )
    svg = opening + svg[svg.index(">") + 1 :]
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    svg = re.sub(r'="[^"]*"', lambda value: _LONG.sub(_rounded, value.group()), svg)
    used = set(re.findall(r"#([\w.]+)[\")]", svg))
    svg = re.sub(r' id="([^"]*)"', lambda i: f' id="{name}-{i[1]}"' if i[1] in used else "", svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{name}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", svg))
    if names:
        marks = "|".join(re.escape(mark) for mark in names)
        svg = re.sub(marks, lambda mark: escape(names[mark.group()]), svg)
    return svg


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number.group()):.2f}"
