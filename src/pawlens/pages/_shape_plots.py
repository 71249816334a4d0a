"""The plots of sizes and shapes, each a string of inline SVG."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..photos import Shapes
from ._svg import ACCENT, FAINT, INK, WRONG, axes, style, to_svg

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

__all__ = ["aspect_plot", "bytes_plot", "size_plot"]

_WIDTH = 4.4
_MOST_POINTS = 800  # number of different sizes beyond which their density is drawn
_CELLS = 48  # cells of the density in each direction
_STEP = float(np.log2(4 / 3)) / 5  # bars of the histogram: 3:4, 1:1 and 4:3 are middles of bars
_WIDE = 6.0  # ratio of the largest to the median side from which the scale is logarithmic


def size_plot(shapes: Shapes, marked: Iterable[int]) -> str:
    """Plot width against height: a dot for each size, or the density of many sizes.

    Parameters
    ----------
    shapes : Shapes
    marked : iterable of int
        Rows of the photos that the page lists as odd; they are orange.
    """
    wide, high = shapes.width.astype(np.float64), shapes.height.astype(np.float64)
    odd = np.isin(shapes.row, list(marked))
    far = float(shapes.longer.max())
    logarithmic = far > _WIDE * float(np.median(shapes.longer))
    low = float(shapes.shorter.min()) / 1.2 if logarithmic else 0.0
    far *= 1.2 if logarithmic else 1.06
    with style():
        figure, ax = axes(_WIDTH, 3.9)
        ax.plot([low, far], [low, far], color=FAINT, linewidth=0.8)
        if logarithmic:
            ax.set(xscale="log", yscale="log")
            _plain_ticks(ax)
        if len(shapes.sizes) > _MOST_POINTS:
            scale = np.geomspace if logarithmic else np.linspace
            _density(ax, wide[~odd], high[~odd], scale(low, far, _CELLS + 1))
        else:
            _dots(ax, wide[~odd], high[~odd], ACCENT)
        _dots(ax, wide[odd], high[odd], WRONG)
        ax.set(xlim=(low, far), ylim=(low, far), aspect="equal")
        ax.set(xlabel="width in pixels", ylabel="height in pixels")
        ax.grid()
        return to_svg(figure, "sizes", "Widths and heights of the photos")


def aspect_plot(shapes: Shapes) -> str:
    """Plot a histogram of width by height, on a scale symmetric in portrait and landscape."""
    aspect = np.log2(shapes.width / shapes.height)
    reach = np.ceil(max(1.1, float(np.abs(aspect).max())) / _STEP) + 0.5
    edges = np.arange(-reach, reach + 1) * _STEP
    marks = {"1:8": -3, "1:4": -2, "1:2": -1, "3:4": -0.415, "1:1": 0, "4:3": 0.415}
    marks |= {"2:1": 1, "4:1": 2, "8:1": 3}
    if reach * _STEP > 3:  # not enough room for all
        del marks["3:4"]
    ticks = {name: at for name, at in marks.items() if abs(at) <= reach * _STEP}
    with style():
        figure, ax = axes(_WIDTH, 2.6)
        ax.hist(aspect, edges.tolist(), color=ACCENT, rwidth=0.86)
        for at in (-1, 0, 0.415):
            ax.axvline(at, color=INK, linewidth=0.7, linestyle=(0, (3, 3)), alpha=0.6)
        ax.set_xticks(list(ticks.values()), list(ticks))
        ax.set(xlabel="width : height", ylabel="photos")
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="y")
        return to_svg(figure, "aspects", "Histogram of width by height")


def bytes_plot(size: npt.NDArray[np.int64]) -> str:
    """Plot a histogram of the sizes of files, on a logarithmic scale."""
    power = np.log10(size[size > 0])
    low, high = float(power.min()) - 0.1, float(power.max()) + 0.1
    with style():
        figure, ax = axes(_WIDTH, 2.2)
        ax.hist(power, np.linspace(low, high, 33).tolist(), color=ACCENT, rwidth=0.86)
        steps = (1, 2, 5) if high - low < 1.6 else (1,)
        ticks = [s * 10**p for p in range(10) for s in steps if low <= np.log10(s * 10**p) <= high]
        ax.set_xticks([float(np.log10(tick)) for tick in ticks], [_bytes(tick) for tick in ticks])
        ax.set(xlabel="size of the file", ylabel="photos")
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="y")
        return to_svg(figure, "bytes", "Histogram of file sizes")


def _dots(ax: Axes, wide: Floats, high: Floats, colour: str) -> None:
    if not len(wide):
        return
    at, count = np.unique(np.stack([wide, high], axis=1), axis=0, return_counts=True)
    area = 8 + 40 * count / count.max()
    ax.scatter(at[:, 0], at[:, 1], area, color=colour, alpha=0.6, linewidths=0)


def _density(ax: Axes, wide: Floats, high: Floats, edges: Floats) -> None:
    """Draw a square for each cell with photos, stronger by the logarithm of their number."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    count, _, _ = np.histogram2d(wide, high, [edges, edges])
    column, row = np.nonzero(count)
    left, right, bottom, top = edges[column], edges[column + 1], edges[row], edges[row + 1]
    corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    strength = np.log1p(count[column, row]) / np.log1p(count.max())
    colours = [to_rgba(ACCENT, float(0.15 + 0.85 * share)) for share in strength]
    squares = list(corners.transpose(2, 0, 1))
    ax.add_collection(PolyCollection(squares, facecolors=colours, linewidths=0))


def _plain_ticks(ax: Axes) -> None:
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:,.0f}")
        axis.set_minor_formatter("")


def _bytes(size: float) -> str:
    for unit, limit in (("B", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if size < limit:
            return f"{size * 1e3 / limit:g} {unit}"
    return f"{size / 1e9:g} GB"
