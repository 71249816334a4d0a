"""The plots of a comparison, each a string of inline SVG with one line or dot for each model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics import Difference, Floats, Ints, percent
from ._svg import FAINT, VERDICT_COLOURS, axes, line_look, stand_ins, style, to_svg

__all__ = ["calibration_lines", "error_curves", "verdict_plot"]

_WIDTH = 4.4
_FEW = 10  # photos behind a dot of the calibration plot


def verdict_plot(differences: Sequence[Difference], names: Sequence[str]) -> str:
    """Log loss of each model less that of the one they are compared with, and its interval."""
    drawn = list(stand_ins(list(names)).items())
    own = {drawn[one.model][0]: drawn[one.model][1] for one in differences}
    with style():
        figure, ax = axes(_WIDTH, 1.0 + 0.32 * len(differences))
        ax.axvline(0, color=FAINT, linewidth=1)
        for row, one in enumerate(differences):
            colour = VERDICT_COLOURS[one.verdict]
            ax.hlines(row, one.log_loss.low, one.log_loss.high, color=colour, alpha=0.45, lw=4)
            ax.plot(one.log_loss.value, row, "o", color=colour, markersize=5)
        ax.set(ylim=(len(differences) - 0.4, -0.6))
        ax.set(xlabel="difference in log loss (left of 0 is better)")
        ax.set_yticks(range(len(differences)), list(own))
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:+.3g}" if x else "0")
        ax.locator_params(axis="x", nbins=6)
        return to_svg(figure, "differences", "Differences in log loss with intervals", own)


def calibration_lines(y: Ints, proba: Floats, classes: Sequence[str], names: Sequence[str]) -> str:
    """Stated probability against observed share in ten bins, a line for each model.

    Parameters
    ----------
    y : int64 array, shape [n]
    proba : float64 array, shape [R, n, K]
        Two classes: the probability of the last one counts. More: that of the answer given.
    classes, names : sequence of str
    """
    binary = len(classes) == 2
    labels = stand_ins([*names, classes[-1]], longest=30)
    *lines, last = labels
    with style():
        figure, ax = axes(_WIDTH, 3.8 + 0.19 * len(names))
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        for number, (name, one) in enumerate(zip(lines, proba, strict=True)):
            stated = one[:, 1] if binary else one.max(axis=1)
            came_true = y == (1 if binary else one.argmax(axis=1))
            bins = np.minimum((stated * 10).astype(np.int64), 9)
            count = np.bincount(bins, minlength=10)
            some = count >= min(_FEW, count.max())
            mean = np.bincount(bins, stated, minlength=10)[some] / count[some]
            share = np.bincount(bins, came_true, minlength=10)[some] / count[some]
            ax.plot(mean, share, "o", **line_look(number), markersize=4, label=name)
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        ax.set(xlabel=f"probability of {last if binary else 'the answer'}")
        ax.set(ylabel=f"share that were {last if binary else 'right'}")
        ax.grid(axis="y")
        figure.legend(loc="outside lower left", frameon=False, handlelength=3)
        return to_svg(figure, "calibrations", "Reliability of each model", labels)


def error_curves(y: Ints, proba: Floats, classes: Sequence[str], names: Sequence[str]) -> str:
    """The ROC curve of each model of two classes, as errors of both kinds on logarithmic axes.

    Good models all hug the corner of a plain ROC plot; here they lie apart.
    """
    labels = stand_ins([*names, *classes], longest=30)
    *lines, first, last = labels
    positives, negatives = int((y == 1).sum()), int((y == 0).sum())
    with style():
        figure, ax = axes(_WIDTH, 3.8 + 0.19 * len(names))
        for number, (name, one) in enumerate(zip(lines, proba, strict=True)):
            levels, level = np.unique(-one[:, 1], return_inverse=True)
            found = np.cumsum(np.bincount(level[y == 1], minlength=len(levels))) / positives
            false = np.cumsum(np.bincount(level[y == 0], minlength=len(levels))) / negatives
            some = np.unique(np.linspace(0, len(levels) - 1, 600).astype(np.int64))
            missed = 1 - found[some]
            ax.plot(
                np.maximum(false[some], 0.5 / negatives),
                np.maximum(missed, 0.5 / positives),
                **line_look(number),
                label=name,
            )
        ax.set(xscale="log", yscale="log", xlim=(0.5 / negatives, 1), ylim=(0.5 / positives, 1))
        ax.set(xlabel=f"share of {first} called {last}", ylabel=f"share of {last} missed")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda x, _: percent(x, None))
            axis.set_minor_formatter("")
        ax.grid()
        figure.legend(loc="outside lower left", frameon=False, handlelength=3)
        return to_svg(figure, "errors", "Errors of both kinds of each model", labels)
