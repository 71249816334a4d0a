"""The plots of the report, each a string of inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats, Interval, Ints, clopper_pearson, confusion, confusion_shares, percent
from ._svg import ACCENT, FAINT, INK, WRONG, axes, stand_ins, style, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "as_matrix",
    "belief_plot",
    "cell_text",
    "class_accuracy_plot",
    "clip_plot",
    "confusion_plot",
    "l2_plot",
    "reliability_plot",
    "risk_coverage_plot",
    "roc_plot",
    "tiles",
]

_WIDTH = 4.4  # inches, about a phone's width, at which 9 points stay legible


def reliability_plot(
    y: Ints, proba: Floats, classes: Sequence[str], name: str = "reliability"
) -> str:
    """Plot stated probability against observed share in ten bins, with Wilson's intervals.

    With two classes, the probability of the last one is shown; with more, that of the predicted
    class.
    """
    from matplotlib.figure import Figure

    binary = proba.shape[1] == 2
    stated = proba[:, 1] if binary else proba.max(axis=1)
    came_true = y == (1 if binary else proba.argmax(axis=1))
    bins = np.minimum((stated * 10).astype(np.int64), 9)
    count = np.bincount(bins, minlength=10)
    filled = count > 0
    mean = np.bincount(bins, stated, minlength=10)[filled] / count[filled]
    hits = np.bincount(bins, came_true, minlength=10)[filled]
    share, (low, high) = hits / count[filled], clopper_pearson(hits, count[filled])
    names = stand_ins(classes)
    with style():
        figure = Figure((_WIDTH, 4.4), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        top.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        top.errorbar(mean, share, (share - low, high - share), fmt="o", color=ACCENT, markersize=5)
        subject = list(names)[1] if binary else "right"
        top.set(ylim=(-0.03, 1.03), ylabel=f"share that were {subject}")
        top.grid(axis="y")
        bottom.bar(np.arange(10)[filled] / 10 + 0.05, count[filled], 0.09, color=ACCENT, alpha=0.45)
        bottom.set(yscale="log", ylim=(0.5, count.max() * 2), ylabel="photos")
        subject = subject if binary else "the answer"
        bottom.set(xlim=(-0.03, 1.03), xlabel=f"probability of {subject}")
        bottom.yaxis.set_major_formatter("{x:,.0f}")
        bottom.yaxis.set_minor_formatter("")
        return to_svg(figure, name, "Reliability plot", names)


def confusion_plot(
    y: Ints, proba: Floats, classes: Sequence[str], groups: Ints | None = None
) -> str:
    """Plot the confusion matrix: rows are true classes, columns answers; 2 to about 50 classes."""
    counts = confusion(y, proba)
    shares = confusion_shares(y, proba, groups=groups)
    k = len(classes)
    names = stand_ins(classes, longest=22 if k > 2 else 12)
    side = _WIDTH if k <= 8 else 1.6 + k * (0.36 if k <= 20 else 0.24)
    with style():
        figure, ax = axes(side, side * (0.75 if k == 2 else 1))
        rows, columns = np.nonzero(counts)
        depth = 0.08 + 0.42 * np.sqrt(shares.value[rows, columns])
        for colour, part in ((ACCENT, rows == columns), (WRONG, rows != columns)):
            corners = np.column_stack([columns[part], rows[part]]).astype(np.float64)
            tiles(ax, corners, 1.0, 1.0, colour, depth[part])
        for i, j in zip(rows, columns, strict=True) if k > 2 else ():
            cell_text(ax, j + 0.5, i + 0.5, f"{counts[i, j]:,}", 9 if k <= 12 else 7)
        for i, j in np.ndindex(k, k) if k == 2 else ():
            cell_text(ax, j + 0.5, i + 0.4, f"{counts[i, j]:,}", 15)
            ends = float(shares.low[i, j]), float(shares.high[i, j])
            share = Interval(float(shares.value[i, j]), *ends)
            cell_text(ax, j + 0.5, i + 0.65, f"{share:.1%}", 8)
        ax.set(xlabel="answer", ylabel="truth")
        as_matrix(ax, list(names))
        return to_svg(figure, "confusion", "Confusion matrix", names)


def as_matrix(ax: Axes, names: Sequence[str]) -> None:
    """Set up axes of a square table: rows from the top, column names above, thin grid lines."""
    k = len(names)
    centres = np.arange(k) + 0.5
    ax.set(xlim=(0, k), ylim=(k, 0))
    ax.set_xticks(centres, names, rotation=0 if k <= 3 else 90)
    ax.set_yticks(centres, names)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.hlines(np.arange(k + 1), 0, k, color=FAINT, linewidth=0.5)
    ax.vlines(np.arange(k + 1), 0, k, color=FAINT, linewidth=0.5)


def cell_text(ax: Axes, x: float, y: float, text: str, size: float) -> None:
    """Write text in the middle of a cell, without an effect on the layout."""
    drawn = ax.text(x, y, text, ha="center", va="center", size=size)
    drawn.set_in_layout(False)


def tiles(
    ax: Axes, corners: Floats, width: float, height: float, colour: str, alphas: Floats
) -> None:
    """Draw rectangles at lower-left `corners` (m, 2), each with its own opacity."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    square = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    colours = [to_rgba(colour, float(alpha)) for alpha in alphas]
    ax.add_collection(PolyCollection(corners[:, None] + square, facecolors=colours, linewidths=0))


def belief_plot(y: Ints, proba: Floats, classes: Sequence[str]) -> str:
    """Plot the predicted probability of the true class, a histogram for each class.

    Up to four classes are bars, on a logarithmic scale; more are one strip a class.
    """
    belief = proba[np.arange(len(y)), y]
    right = proba.argmax(axis=1) == y
    k = len(classes)
    names = stand_ins(classes)
    edges = np.linspace(0, 1, 21)
    with style():
        if k > 4:
            return _belief_strips(y, belief, names, edges)
        from matplotlib.figure import Figure

        figure = Figure((_WIDTH, 0.9 + 1.15 * k), layout="constrained")
        rows = figure.subplots(k, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for i, (ax, name) in enumerate(zip(rows, names, strict=True)):
            parts = [belief[(y == i) & right], belief[(y == i) & ~right]]
            ax.hist(parts, edges, stacked=True, color=[ACCENT, WRONG], rwidth=0.86, log=True)
            ax.set_title(name, loc="left", size=9)
            ax.grid(axis="y")
            ax.set_ylim(0.5)
            ax.yaxis.set_major_formatter("{x:,.0f}")
            ax.yaxis.set_minor_formatter("")
        rows[-1].set(xlim=(0, 1), xlabel="probability given to the true class")
        figure.supylabel("photos (logarithmic)", size=9, color=INK)
        return to_svg(figure, "belief", "Histograms of the probability of the true class", names)


def _belief_strips(y: Ints, belief: Floats, names: dict[str, str], edges: Floats) -> str:
    figure, ax = axes(_WIDTH, 0.7 + 0.17 * len(names))
    counts = np.stack([np.histogram(belief[y == i], edges)[0] for i in range(len(names))])
    rows, columns = np.nonzero(counts)
    depth = np.sqrt(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)))[rows, columns]
    tiles(ax, np.column_stack([edges[columns], rows - 0.4]), 0.05, 0.8, ACCENT, depth)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), xlabel="probability given to the true class")
    ax.set_yticks(range(len(names)), list(names), size=8)
    ax.tick_params(axis="y", length=0)
    return to_svg(figure, "belief", "Probability of the true class, a strip a class", names)


def class_accuracy_plot(accuracy: Mapping[str, Interval]) -> str:
    """Plot the accuracy of each class with its interval, the worst on top."""
    from matplotlib.ticker import MaxNLocator

    ordered = sorted(accuracy.items(), key=lambda item: item[1].value)
    names = stand_ins([name for name, _ in ordered])
    ends = np.array(
        [
            [accuracy_of_class.low, accuracy_of_class.value, accuracy_of_class.high]
            for _, accuracy_of_class in ordered
        ]
    )
    rows = np.arange(len(ordered))
    with style():
        figure, ax = axes(_WIDTH, 0.7 + 0.19 * len(ordered))
        start = max(0.0, np.floor(10 * ends.min() - 0.5) / 10)
        ax.hlines(rows, start, ends[:, 1], color=FAINT, linewidth=0.8)
        ax.hlines(rows, ends[:, 0], ends[:, 2], color=ACCENT, alpha=0.45, linewidth=4)
        ax.plot(ends[:, 1], rows, "o", color=ACCENT, markersize=4.5)
        ax.set(xlim=(start, 1.005), ylim=(len(rows) - 0.4, -0.6), xlabel="share answered right")
        ax.set_yticks(rows, list(names), size=8)
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(lambda x, _: percent(x, None))
        return to_svg(figure, "classes", "Accuracy of each class with its interval", names)


def clip_plot(rows: Sequence[Mapping[str, float]], chosen: float) -> str:
    """Plot log loss at each clip value of a sweep, the chosen one marked."""
    labels = [f"{row['clip']:g}" if row["clip"] else "none" for row in rows]
    return _sweep("clip", labels, rows, [row["clip"] == chosen for row in rows])


def l2_plot(rows: Sequence[Mapping[str, float]]) -> str:
    """Plot log loss at each strength of L2 regularisation, the best one marked."""
    rows = sorted(rows, key=lambda row: row["l2"])
    best = min(row["log_loss"] for row in rows)
    labels = [f"{row['l2']:g}" for row in rows]
    return _sweep("L2", labels, rows, [row["log_loss"] == best for row in rows])


def _sweep(
    name: str, labels: list[str], rows: Sequence[Mapping[str, float]], marked: list[bool]
) -> str:
    """Plot log loss at values in their order, evenly spaced, whatever their scale."""
    at, loss = np.arange(len(rows)), np.array([row["log_loss"] for row in rows])
    with style():
        figure, ax = axes(_WIDTH, 2.6)
        ax.plot(at, loss, "o-", color=ACCENT, markersize=4)
        ax.plot(at[marked], loss[marked], "o", color=WRONG, markersize=8)
        ax.set(xlabel=name, ylabel="log loss")
        ax.set_xticks(at, labels, rotation=45)
        ax.grid(axis="y")
        return to_svg(figure, name.lower(), f"Log loss at each {name}")


def risk_coverage_plot(curve: Mapping[str, Sequence[float]]) -> str:
    """Plot the share of wrong answers among the surest photos against how many those are."""
    with style():
        figure, ax = axes(_WIDTH, 2.8)
        ax.plot(
            [100 * c for c in curve["coverage"]], [100 * r for r in curve["risk"]], color=ACCENT
        )
        ax.set(xlabel="% of photos answered, surest first", ylabel="% of answers wrong")
        ax.set_xlim(0, 100)
        ax.set_ylim(0)
        ax.grid(axis="y")
        return to_svg(figure, "risk", "Wrong answers against photos answered")


def roc_plot(y: Ints, proba: Floats, classes: Sequence[str], name: str = "roc") -> str:
    """Plot the ROC curve of two classes, the last one being positive."""
    # One point for each distinct probability, from the highest down.
    levels, level = np.unique(-proba[:, 1], return_inverse=True)
    counted = np.cumsum([np.bincount(level[y == c], minlength=len(levels)) for c in (0, 1)], axis=1)
    false, true = np.insert(counted / np.maximum(1, counted[:, -1:]), 0, 0.0, axis=1)
    drawn = np.unique(np.linspace(0, len(levels), 400).astype(np.int64))
    names = stand_ins(classes)
    first, last = names
    with style():
        figure, ax = axes(_WIDTH, 3.6)
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        ax.plot(false[drawn], true[drawn], color=ACCENT)
        ax.set(xlim=(-0.01, 1), ylim=(0, 1.01))
        ax.set(xlabel=f"share of {first} called {last}", ylabel=f"share of {last} called {last}")
        ax.grid()
        return to_svg(figure, name, "ROC curve", names)
