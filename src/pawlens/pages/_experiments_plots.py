"""Plots of one value of a recipe against log loss, over the runs of a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics import Interval
from ._svg import ACCENT, INK, axes, stand_ins, style, to_svg

__all__ = ["value_plot"]

_WIDTH = 4.4
_SPREAD = 0.5  # share of the space between two values, for runs that differ in other values


def value_plot(
    key: str, values: Sequence[str], value_of: Sequence[int], losses: Sequence[Interval], name: str
) -> str:
    """Plot the log loss of every run over one of its values, with 95 % intervals.

    The best run at each value is drawn strong and joined by a line; the others, which differ in
    other values, stand faint beside it.

    Parameters
    ----------
    key : str
        Key of the recipe.
    values : sequence of str
        Values, drawn evenly spaced, in their order.
    value_of : sequence of int
        Index of each run's value.
    losses : sequence of Interval
    name : str
        Name of the plot, unique on the page.
    """
    labels = stand_ins(list(values), longest=16)
    at = np.array(value_of, np.float64)
    best = []
    with style():
        figure, ax = axes(_WIDTH, 2.8)
        for number in range(len(values)):
            runs = np.flatnonzero(at == number).tolist()
            first = min(runs, key=lambda run: losses[run].value)
            others = [run for run in runs if run != first]
            best.append(losses[first].value)
            offsets = _SPREAD * (np.arange(len(others)) + 1) / (len(others) + 1)
            pairs = [(first, 0.0), *zip(others, offsets.tolist(), strict=True)]
            for run, offset in pairs[::-1]:
                interval, strong = losses[run], run == first
                colour, alpha, dot = (ACCENT, 1.0, 5) if strong else (INK, 0.35, 3)
                x = number + offset
                ax.plot(
                    [x, x], [interval.low, interval.high], color=colour, alpha=alpha, linewidth=1.2
                )
                ax.plot(x, interval.value, "o", color=colour, alpha=alpha, markersize=dot)
        ax.plot(np.arange(len(values)), best, color=ACCENT, linewidth=1)
        ax.set(xlabel=key, ylabel="log loss", xlim=(-0.5, len(values) - 0.5))
        ax.set_xticks(range(len(values)), list(labels))
        ax.grid(axis="y")
        return to_svg(figure, name, f"Log loss at each value of {key}", labels)
