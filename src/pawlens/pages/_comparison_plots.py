"""The plots of a comparison, each a string of inline SVG with one line or dot for each model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics import Difference, Floats, Ints, percent
from ._svg import FAINT, VERDICT_COLOURS, axes, line_look, stand_ins, style, to_svg

__all__ = ["calibration_lines", "error_curves", "verdict_plot"]

_WIDTH = 4.4
_FEW = 10  # fewest photos behind a dot of the calibration plot


def verdict_plot(differences: Sequence[Difference], names: Sequence[str]) -> str:
    """Plot the log loss of each model less that of the reference, with its interval."""
    drawn = list(stand_ins(list(names)).items())
    placeholders = {
        drawn[difference.model][0]: drawn[difference.model][1] for difference in differences
    }
    with style():
        figure, ax = axes(_WIDTH, 1.0 + 0.32 * len(differences))
        ax.axvline(0, color=FAINT, linewidth=1)
        for row, difference in enumerate(differences):
            colour = VERDICT_COLOURS[difference.verdict]
            ax.hlines(
                row,
                difference.log_loss.low,
                difference.log_loss.high,
                color=colour,
                alpha=0.45,
                lw=4,
            )
            ax.plot(difference.log_loss.value, row, "o", color=colour, markersize=5)
        ax.set(ylim=(len(differences) - 0.4, -0.6))
        ax.set(xlabel="difference in log loss (left of 0 is better)")
        ax.set_yticks(range(len(differences)), list(placeholders))
        ax.tick_params(axis="y", length=0)
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:+.3g}" if x else "0")
        ax.locator_params(axis="x", nbins=6)
        return to_svg(figure, "differences", "Differences in log loss with intervals", placeholders)


def calibration_lines(y: Ints, proba: Floats, classes: Sequence[str], names: Sequence[str]) -> str:
    """Plot stated probability against observed share in ten bins, a line for each model.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (R, n, K)
        Probabilities. With two classes, that of the last one is shown; with more, that of the
        predicted class.
    classes, names : sequence of str
    """
    binary = len(classes) == 2
    labels = stand_ins([*names, classes[-1]], longest=30)
    *lines, last = labels
    with style():
        figure, ax = axes(_WIDTH, 3.8 + 0.19 * len(names))
        ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
        for number, (name, of_model) in enumerate(zip(lines, proba, strict=True)):
            stated = of_model[:, 1] if binary else of_model.max(axis=1)
            came_true = y == (1 if binary else of_model.argmax(axis=1))
            bins = np.minimum((stated * 10).astype(np.int64), 9)
            count = np.bincount(bins, minlength=10)
            filled = count >= min(_FEW, count.max())
            mean = np.bincount(bins, stated, minlength=10)[filled] / count[filled]
            share = np.bincount(bins, came_true, minlength=10)[filled] / count[filled]
            ax.plot(mean, share, "o", **line_look(number), markersize=4, label=name)
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        ax.set(xlabel=f"probability of {last if binary else 'the answer'}")
        ax.set(ylabel=f"share that were {last if binary else 'right'}")
        ax.grid(axis="y")
        figure.legend(loc="outside lower left", frameon=False, handlelength=3)
        return to_svg(figure, "calibrations", "Reliability of each model", labels)


def error_curves(y: Ints, proba: Floats, classes: Sequence[str], names: Sequence[str]) -> str:
    """Plot the ROC curve of each model of two classes, as both kinds of error on log axes.

    Good models all hug the corner of a plain ROC plot; here they lie apart.
    """
    labels = stand_ins([*names, *classes], longest=30)
    *lines, first, last = labels
    positives, negatives = int((y == 1).sum()), int((y == 0).sum())
    with style():
        figure, ax = axes(_WIDTH, 3.8 + 0.19 * len(names))
        for number, (name, of_model) in enumerate(zip(lines, proba, strict=True)):
            levels, level = np.unique(-of_model[:, 1], return_inverse=True)
            detected = np.cumsum(np.bincount(level[y == 1], minlength=len(levels))) / positives
            false = np.cumsum(np.bincount(level[y == 0], minlength=len(levels))) / negatives
            drawn = np.unique(np.linspace(0, len(levels) - 1, 600).astype(np.int64))
            missed = 1 - detected[drawn]
            ax.plot(
                np.maximum(false[drawn], 0.5 / negatives),
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
