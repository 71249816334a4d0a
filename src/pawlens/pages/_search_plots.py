"""The plots of a search, each a string of inline SVG drawn from its trials."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, percent
from ._svg import ACCENT, FAINT, INK, WRONG, axes, log_ticks, stand_ins, style, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["search_plots"]

_WIDTH = 4.4
_FRONT = 10  # the best of so many trials counts as good
_FAR = 50.0  # ratio of largest to least loss from which the worst trials are cut off
_COLUMNS = 2  # columns of slices


def search_plots(search: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Draw every plot of a search, with a caption, in the report's order.

    Parameters
    ----------
    search : mapping
        ``trials`` (rows with ``trial``, ``state``, ``loss``, ``values``), ``best``, ``importance``
        and ``space``, as the summary of a search gives them. Empty where nothing was searched.
    """
    rows = [row for row in search.get("trials", ()) if row["loss"] is not None]
    if not rows:
        return []
    drawn = [
        (_history(rows, search["best"]), "Every trial, and the best loss so far."),
    ]
    varied = [name for name, allowed in search["space"].items() if _varies(allowed)]
    if search["importance"]:
        caption = "What told the best trials from the others (PED-ANOVA), as shares."
        drawn.append((_importance(search["importance"]), caption))
    if varied:
        caption = "The loss over each value, the other values being whatever they were."
        drawn.append((_slices(rows, search["best"], search["space"], varied), caption))
    if len(varied) > 1:
        caption = "Each trial as one line through its values; the best tenth stands out."
        drawn.append((_parallel(rows, search["best"], search["space"], varied), caption))
    return drawn


def _history(rows: Sequence[Mapping[str, Any]], best: Mapping[str, Any]) -> str:
    number = np.array([row["trial"] for row in rows])
    loss = np.array([row["loss"] for row in rows], np.float64)
    whole = np.array([row["state"] == "complete" for row in rows])
    with style():
        figure, ax = axes(_WIDTH, 3.0)
        ax.plot(number[whole], loss[whole], "o", color=ACCENT, markersize=3.5, label="trial")
        if not whole.all():
            ax.plot(number[~whole], loss[~whole], "x", color=INK, markersize=4, label="ended early")
        so_far = np.minimum.accumulate(np.where(whole, loss, np.inf))
        ax.step(number, so_far, where="post", color=INK, linewidth=1, label="best so far")
        ax.plot(best["trial"], best["loss"], "o", color=WRONG, markersize=7, label="best", zorder=4)
        ax.set(xlabel="trial", ylabel="loss", yscale="log")
        _zoom(ax, loss)
        ax.grid(axis="y")
        figure.legend(loc="outside lower left", frameon=False, handlelength=1.5, ncols=4)
        return to_svg(figure, "search-history", "Loss of each trial, and the best loss so far")


def _importance(shares: Mapping[str, float]) -> str:
    names = stand_ins(list(shares))
    with style():
        figure, ax = axes(_WIDTH, 0.6 + 0.28 * len(names))
        ax.barh(list(names), list(shares.values()), color=ACCENT, height=0.6)
        ax.invert_yaxis()
        ax.xaxis.set_major_formatter(lambda x, _: percent(x, 0))
        ax.set(xlabel="share of importance")
        return to_svg(figure, "search-importance", "How much each value mattered", names)


def _slices(
    rows: Sequence[Mapping[str, Any]],
    best: Mapping[str, Any],
    space: Mapping[str, Any],
    varied: Sequence[str],
) -> str:
    from matplotlib.figure import Figure

    names = stand_ins(varied, longest=26)
    deep = -(-len(varied) // _COLUMNS)
    with style():
        figure = Figure((_WIDTH, 0.3 + 1.9 * deep), layout="constrained")
        every = figure.subplots(deep, _COLUMNS, sharey=True, squeeze=False).ravel()
        for ax, name, shown in zip(every, varied, names, strict=False):
            with_value = [row for row in rows if name in row["values"]]
            loss = np.array([row["loss"] for row in with_value], np.float64)
            x, words = _positions(with_value, name, space[name])
            ax.plot(x, loss, "o", color=ACCENT, markersize=3, alpha=0.6)
            at, _ = _positions([best], name, space[name])
            ax.plot(at, [best["loss"]], "o", color=WRONG, markersize=6, zorder=4)
            if words:
                ax.set_xticks(range(len(words)), words)
                ax.set_xlim(-0.5, len(words) - 0.5)
            elif _is_log(space[name]):
                low, high = space[name]["log"]
                ax.set(xscale="log", xlim=(0.9 * low, 1.1 * high))
                ax.set_xticks([], minor=True)
                ax.set_xticks([low, high], [f"{low:g}", f"{high:g}"])
            ax.set(xlabel=shown, yscale="log")
            ax.grid(axis="y")
        every[0].set(ylabel="loss")
        _zoom(every[0], np.array([row["loss"] for row in rows], np.float64))
        for ax in every[len(varied) :]:
            ax.set_visible(False)
        return to_svg(figure, "search-slices", "Loss over each value of the search", names)


def _parallel(
    rows: Sequence[Mapping[str, Any]],
    best: Mapping[str, Any],
    space: Mapping[str, Any],
    varied: Sequence[str],
) -> str:
    with_values = [row for row in rows if all(name in row["values"] for name in varied)]
    names = stand_ins(varied, longest=14)
    loss = np.array([row["loss"] for row in with_values], np.float64)
    heights, ends = [], []
    for name in varied:
        height, low, high = _heights(with_values, name, space[name])
        heights.append(height)
        ends.append((low, high))
    order = np.argsort(-loss, kind="stable")
    good = set(order[-max(1, len(with_values) // _FRONT) :].tolist())
    with style():
        figure, ax = axes(max(_WIDTH, 1.1 * len(varied)), 3.0)
        for i in order.tolist():
            line = [height[i] for height in heights]
            colour, width = (ACCENT, 1.4) if i in good else (FAINT, 0.7)
            if with_values[i]["trial"] == best["trial"]:
                colour, width = WRONG, 2.0
            ax.plot(range(len(varied)), line, color=colour, linewidth=width)
        for x, (low, high) in enumerate(ends):
            ax.axvline(x, color=INK, linewidth=0.8)
            ax.text(x, -0.04, low, ha="center", va="top", size=8)
            ax.text(x, 1.04, high, ha="center", va="bottom", size=8)
        ax.set_xticks(range(len(varied)), list(names))
        ax.tick_params(axis="x", length=0, pad=18)
        ax.set(ylim=(0, 1), yticks=[], xlim=(-0.4, len(varied) - 0.6))
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        return to_svg(figure, "search-parallel", "Values of each trial as a line", names)


def _zoom(ax: Axes, loss: Floats) -> None:
    """Set limits that keep the good trials apart, even if some diverged."""
    low, high = float(loss.min()), float(loss.max())
    ax.set_ylim(0.97 * low, 1.05 * min(high, _FAR * low))
    log_ticks(ax)


def _varies(allowed: Any) -> bool:
    return isinstance(allowed, Mapping) or (isinstance(allowed, list) and len(allowed) > 1)


def _is_log(allowed: Any) -> bool:
    return isinstance(allowed, Mapping) and "log" in allowed


def _positions(
    rows: Sequence[Mapping[str, Any]], name: str, allowed: Any
) -> tuple[Floats, list[str]]:
    """Return the position of each row's value, and the names of positions chosen from a list."""
    values = [row["values"][name] for row in rows]
    if isinstance(allowed, Mapping):
        return np.array(values, np.float64), []
    return np.array([allowed.index(value) for value in values], np.float64), [
        _word(value) for value in allowed
    ]


def _heights(rows: Sequence[Mapping[str, Any]], name: str, allowed: Any) -> tuple[Floats, str, str]:
    """Return each row's value on an axis from 0 to 1, and the names of its ends."""
    x, words = _positions(rows, name, allowed)
    if words:
        return x / (len(words) - 1), words[0], words[-1]
    low, high = next(iter(allowed.values()))
    if _is_log(allowed):
        return np.log(x / low) / np.log(high / low), f"{low:g}", f"{high:g}"
    return (x - low) / (high - low), f"{low:g}", f"{high:g}"


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
