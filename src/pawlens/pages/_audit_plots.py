"""The plots of the audit's page, each a string of inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..photos import Scan
from ._svg import ACCENT, FAINT, WRONG, axes, stand_ins, style, to_svg

__all__ = ["aspect_plot", "balance_plot", "size_plot"]

_WIDTH = 4.4
_MOST_POINTS = 1500


def size_plot(scans: Sequence[Scan], odd: set[int]) -> str:
    """Width against height, a dot for each size that occurs, larger for more photos."""
    count = Counter((s.width, s.height) for s in scans if not s.problem)
    strange = {(scans[row].width, scans[row].height) for row in odd}
    sizes = [size for size, _ in count.most_common(_MOST_POINTS)]
    sizes += [size for size in strange if size not in set(sizes)]
    at = np.array(sizes, np.float64).reshape(-1, 2)
    area = np.array([8 + 40 * count[size] / max(count.values()) for size in sizes])
    marked = np.array([size in strange for size in sizes], bool)
    with style():
        figure, ax = axes(_WIDTH, 3.6)
        for colour, some in ((ACCENT, ~marked), (WRONG, marked)):
            ax.scatter(at[some, 0], at[some, 1], area[some], color=colour, alpha=0.6, linewidths=0)
        far = float(at.max()) * 1.08
        ax.plot([0, far], [0, far], color=FAINT, linewidth=0.8)
        ax.set(xlim=(0, far), ylim=(0, far), xlabel="width in pixels", ylabel="height in pixels")
        ax.grid()
        return to_svg(figure, "sizes", "Widths and heights of the photos")


def aspect_plot(scans: Sequence[Scan]) -> str:
    """Histogram of width by height, on a scale on which upright and lying are alike."""
    aspect = np.array([s.width / s.height for s in scans if not s.problem])
    reach = max(1.0, float(np.abs(np.log2(aspect)).max()) * 1.02)
    edges = np.linspace(-reach, reach, 42)
    with style():
        figure, ax = axes(_WIDTH, 2.6)
        ax.hist(np.log2(aspect), edges.tolist(), color=ACCENT, rwidth=0.9, log=True)
        ticks = [t for t in (-3, -2, -1, -0.415, 0, 0.415, 1, 2, 3) if abs(t) <= reach]
        names = {-3: "1:8", -2: "1:4", -1: "1:2", -0.415: "3:4", 0: "1:1"}
        names |= {0.415: "4:3", 1: "2:1", 2: "4:1", 3: "8:1"}
        ax.set_xticks(ticks, [names[tick] for tick in ticks])
        ax.set(ylim=(0.5, None), xlabel="width : height", ylabel="photos (logarithmic)")
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.yaxis.set_minor_formatter("")
        ax.grid(axis="y")
        return to_svg(figure, "aspects", "Histogram of width by height")


def balance_plot(counts: Sequence[tuple[str, int]]) -> str:
    """Photos of each class, the largest on top."""
    ordered = sorted(counts, key=lambda one: -one[1])
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
