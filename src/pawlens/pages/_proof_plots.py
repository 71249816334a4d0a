"""Plots of ways of training that are compared on the same photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..metrics import THRESHOLDS, DecisionCurve, Floats, Interval, Verdict
from ._svg import ACCENT, FAINT, INK, VERDICT_COLOURS, WRONG, axes, stand_ins, style, to_svg

__all__ = ["benefit_plot", "difference_plot", "gain_plot", "map_plot"]

_WIDTH = 4.4


def difference_plot(
    differences: Mapping[str, Interval], verdicts: Sequence[Verdict], label: str, name: str
) -> str:
    """Plot differences to a common reference with 95 % intervals, one row each; 0 is a line.

    Each has the colour of its verdict.
    """
    names = stand_ins(list(differences), longest=24)
    with style():
        figure, ax = axes(_WIDTH, 0.9 + 0.36 * len(names))
        for row, (difference, verdict) in enumerate(
            zip(differences.values(), verdicts, strict=True)
        ):
            colour = VERDICT_COLOURS[verdict]
            ax.plot([difference.low, difference.high], [row, row], color=colour, linewidth=2)
            ax.plot(difference.value, row, "o", color=colour, markersize=6)
        ax.axvline(0, color=INK, linewidth=0.8)
        ax.set_yticks(range(len(names)), list(names))
        ax.set(ylim=(len(names) - 0.5, -0.5), xlabel=label)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x")
        return to_svg(figure, name, label, names)


def benefit_plot(
    plain: DecisionCurve, other: DecisionCurve, everyone: Floats, name: str, label: str
) -> str:
    """Plot the net benefit over the threshold: plain, augmented, and acting on every photo.

    Parameters
    ----------
    plain, other : DecisionCurve
    everyone : ndarray of float64, shape (T,)
        Net benefit of acting on every photo, from `act_on_all`.
    name : str
        Name of the plot, unique on the page.
    label : str
        Label of `other`.
    """
    names = stand_ins([label], longest=24)
    with style():
        figure, ax = axes(_WIDTH, 3.0)
        ax.fill_between(THRESHOLDS, other.low, other.high, color=ACCENT, alpha=0.2, linewidth=0)
        ax.plot(THRESHOLDS, plain.value, "--", color=INK, label="plain")
        ax.plot(THRESHOLDS, other.value, color=ACCENT, label=next(iter(names)))
        ax.plot(THRESHOLDS, everyone, color=WRONG, linewidth=1, label="act on every photo")
        top = float(max(plain.value.max(), other.value.max()))
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set(xlim=(0, 1), ylim=(-0.15 * top, 1.1 * top))
        ax.set(xlabel="act from this probability on", ylabel="net benefit")
        ax.grid(axis="y")
        figure.legend(loc="outside lower left", frameon=False, handlelength=2, ncols=2)
        return to_svg(figure, name, f"Decision curves of plain training and of {label}", names)


def gain_plot(gain: DecisionCurve, name: str, label: str) -> str:
    """Plot what an augmentation adds to the net benefit at each threshold, per 1,000 photos."""
    with style():
        figure, ax = axes(_WIDTH, 2.4)
        low, value, high = (1000 * part for part in (gain.low, gain.value, gain.high))
        ax.fill_between(THRESHOLDS, low, high, color=ACCENT, alpha=0.2, linewidth=0)
        ax.plot(THRESHOLDS, value, color=ACCENT)
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set(xlim=(0, 1), xlabel="act from this probability on", ylabel="gain, of 1,000 photos")
        ax.grid(axis="y")
        return to_svg(figure, name, f"Gain in net benefit of {label} over plain training")


def map_plot(
    before: Floats,
    after: Floats,
    strays: Sequence[npt.NDArray[np.bool_]],
    name: str,
    label: str,
) -> str:
    """Plot photos and their augmented copies on one map of features, side by side.

    Parameters
    ----------
    before, after : ndarray of float64, shape (n, 2)
        Places of photos and of their copies on the same map.
    strays : pair of ndarray of bool, shape (n,)
        Photos whose nearest neighbour is of another class, before and after.
    name, label : str
    """
    from matplotlib.figure import Figure

    with style():
        figure = Figure((7.4, 3.7), layout="constrained")
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        titles = ("photos as they are", "their varied copies")
        for ax, own, other, stray, title in zip(
            panels, (before, after), (after, before), strays, titles, strict=True
        ):
            ax.plot(*other.T, ".", color=FAINT, markersize=2)
            ax.plot(*own[~stray].T, "o", color=ACCENT, markersize=3, markeredgewidth=0)
            ax.plot(*own[stray].T, "o", color=WRONG, markersize=3, markeredgewidth=0)
            ax.set_title(title, loc="left", size=9)
            ax.set_xticks([])
            ax.set_yticks([])
            ax.spines[:].set_visible(False)
        return to_svg(figure, name, f"t-SNE of features before and after {label}")
