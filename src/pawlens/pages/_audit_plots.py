"""The plot that only the audit's page has, a string of inline SVG."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._svg import ACCENT, axes, stand_ins, style, to_svg

__all__ = ["balance_plot"]

_WIDTH = 4.4


def balance_plot(counts: Sequence[tuple[str, int]]) -> str:
    """Plot the number of photos of each class, the largest on top."""
    ordered = sorted(counts, key=lambda item: -item[1])
    names = stand_ins([name for name, _ in ordered])
    rows = np.arange(len(ordered))
    with style():
        figure, ax = axes(_WIDTH, 0.7 + 0.26 * len(ordered))
        ax.barh(rows, [number for _, number in ordered], 0.7, color=ACCENT, alpha=0.75)
        ax.set(ylim=(len(rows) - 0.4, -0.6), xlabel="photos")
        ax.set_yticks(rows, list(names), size=8)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="x")
        return to_svg(figure, "balance", "Photos of each class", names)
