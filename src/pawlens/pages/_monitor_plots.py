"""Plots of a monitoring: shares of the classes, and the trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..metrics import Interval
from ._monitor_data import Day, Share
from ._svg import ACCENT, INK, WRONG, axes, stand_ins, style, to_svg

__all__ = ["shares_plot", "trend_plot"]

_WIDTH = 4.4
_CLASSES = 30
_DAYS = 60
_SOME = 8  # days that fit a phone


def shares_plot(shares: Mapping[str, Share]) -> str:
    """Plot the share of each class: among the photos that trained, and among the new ones."""
    moved = sorted(shares.items(), key=lambda item: -abs(_now(item[1]).value - item[1].trained))
    shown = sorted(moved[:_CLASSES], key=lambda item: -item[1].trained)
    names = stand_ins([name for name, _ in shown])
    rows = np.arange(len(shown))
    with style():
        figure, ax = axes(_WIDTH, 0.9 + 0.28 * len(shown))
        for row, (_, share) in enumerate(shown):
            now = _now(share)
            ax.plot([now.low, now.high], [row, row], color=ACCENT, linewidth=1.6)
            ax.plot(now.value, row, "o", color=ACCENT, markersize=5)
            ax.plot(share.trained, row, "|", color=INK, markersize=11, markeredgewidth=1.6)
        ax.set(ylim=(len(rows) - 0.4, -0.6), xlabel="share of the photos", xlim=(0, None))
        ax.set_yticks(rows, list(names), size=8)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(lambda x, _: f"{100 * x:.0f} %")
        ax.grid(axis="x")
        return to_svg(figure, "shares", "Shares of the classes, before and now", names)


def _now(share: Share) -> Interval:
    return share.answered if share.true is None else share.true


def trend_plot(days: Sequence[Day], measured: Interval) -> str:
    """Plot the expected accuracy of each time with its interval, beside the one out-of-fold."""
    shown = [day for day in days if day.expected is not None][-_DAYS:]
    names = stand_ins([day.when[:10] for day in shown])
    at = np.arange(len(shown))
    with style():
        figure, ax = axes(_WIDTH * (1 if len(shown) <= _SOME else 1.6), 2.9)
        ax.axhspan(measured.low, measured.high, color=INK, alpha=0.12, linewidth=0)
        for place, day in enumerate(shown):
            assert day.expected is not None
            colour = WRONG if day.drift else ACCENT
            ax.plot([place, place], [day.expected.low, day.expected.high], color=colour)
            ax.plot(place, day.expected.value, "s" if day.drift else "o", color=colour)
        step = max(1, -(-len(shown) // _SOME))
        ax.set_xticks(at[::step], list(names)[::step], size=7)
        ax.set(xlim=(-0.5, len(shown) - 0.5), ylabel="expected accuracy")
        ax.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
        ax.grid(axis="y")
        return to_svg(figure, "trend", "Expected accuracy over time", names)
