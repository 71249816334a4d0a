"""Numbers in words: how the report writes shares, losses, counts and odds."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from .. import metrics
from ..metrics import Interval, Verdict

__all__ = [
    "duration",
    "fact",
    "interval",
    "loss",
    "measure",
    "one_in",
    "percent",
    "percent_range",
    "probability",
    "tone",
    "unbroken",
    "versus",
]


def percent(share: float, digits: int = 1) -> str:
    """Write a share in percent: ``0.9904`` -> ``99.0 %``, with a space that does not break."""
    return unbroken(metrics.percent(share, digits))


def probability(share: float) -> str:
    """Write a share with enough digits to tell it from 0 and 100 %, at most three decimals."""
    for digits in (1, 2, 3):
        text = metrics.percent(share, digits)
        if float(text.removesuffix(" %")) not in (0, 100):
            break
    return unbroken(text)


def percent_range(share: Interval) -> tuple[str, str]:
    """Write value and interval of a share, with digits that suit the interval's width.

    ``Interval(0.99, 0.988, 0.992)`` -> ``99.0 %`` and ``98.8 to 99.2``.
    """
    digits = 1 if share.high - share.low >= 0.002 else 2
    return percent(share.value, digits), share.ends(f".{digits}%")


def measure(name: str, number: Interval) -> tuple[str, str]:
    """Value and interval of a metric, a share in per cent and anything else with four digits."""
    if metrics.metric_words(name).share:
        return percent_range(number)
    return loss(number.value), number.ends(".4f")


def unbroken(text: str) -> str:
    """Return text in which ``99.0 %`` stays on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def interval(number: Interval, spec: str) -> str:
    """Write a value and its interval, with spaces that do not break."""
    return unbroken(format(number, spec))


def tone(verdict: Verdict) -> str:
    """Return the CSS class for a verdict."""
    return {"better": "good", "worse": "bad"}.get(verdict, "")


def loss(value: float) -> str:
    """Write a loss with four decimals: ``0.0412``."""
    return f"{value:.4f}"


def versus(losses: Mapping[str, Mapping[str, float]], gap: Mapping[str, float]) -> str:
    """Describe how the best of a search compares with the default head, on the same photos.

    Parameters
    ----------
    losses : mapping
        Value and interval of the log loss of ``best`` and ``default``.
    gap : mapping
        The loss of ``best`` less that of ``default``, with its interval.
    """
    best, default = Interval(**losses["best"]), Interval(**losses["default"])
    difference = Interval(**gap)
    return (
        f"log loss {best:.4f}, the default head on the same photos {default:.4f}: "
        f"{difference:+.4f}, {metrics.verdict_of(difference)}"
    )


def one_in(share: float) -> str:
    """Write a share as odds: ``about 1 photo in 100``; ``no photo`` for 0."""
    if share <= 0:
        return "no photo"
    if share > 0.4:
        return f"about {round(10 * share)} photos in 10"
    return f"about 1 photo in {float(f'{1 / share:.2g}'):,.0f}"


def duration(seconds: float) -> str:
    """Write a duration in at most two units: ``0.8 s``, ``41 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 3597.5:
        minutes, rest = divmod(round(seconds / 5) * 5, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def fact(value: object) -> str:
    """Write a plain value as text: yes and no, digits grouped, floats short."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else "not known"
    if isinstance(value, list | tuple):
        return ", ".join(fact(item) for item in value)
    return "–" if value is None else str(value)
