"""The page of a monitoring: are new photos of the same kind, and what are the answers worth."""

from __future__ import annotations

from typing import Any

from ..metrics import percent
from . import _words as words
from ._html import fill_page
from ._monitor_data import Monitored
from ._monitor_plots import shares_plot, trend_plot

__all__ = ["render_monitor"]

_UNREADABLE = 50


def render_monitor(found: Monitored) -> str:
    """Render the page, self-contained: style, plots and thumbnails are inside."""
    from markupsafe import Markup

    plots = {"shares": Markup(shares_plot(found.shares))}
    if len(found.days) > 1:
        plots["trend"] = Markup(trend_plot(found.days, found.measured))
    return fill_page(
        "monitor.html.j2",
        filters={"one_time": lambda level: f"once in {round(1 / level):,} times"},
        found=found,
        expected=None if found.expected is None else words.percent_range(found.expected),
        measured=words.percent_range(found.measured),
        checks=[_check(found, number) for number in range(len(found.checks))],
        shares=[
            (
                name,
                percent(one.trained),
                f"{one.answered:.1%}",
                "" if one.true is None else f"{one.true:.1%}",
            )
            for name, one in found.shares.items()
        ],
        alarms=[check.question for check in found.checks if check.alarm],
        unreadable=list(found.unreadable)[:_UNREADABLE],
        plots=plots,
    )


def _check(found: Monitored, number: int) -> dict[str, Any]:
    check = found.checks[number]
    said = "not asked" if check.p is None else "no" if check.alarm else "as before"
    shown = {"question": check.question, "found": check.found, "alarm": check.alarm}
    return shown | {"p": check.p_in_words, "said": said}
