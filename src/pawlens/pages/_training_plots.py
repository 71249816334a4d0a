"""The plots of a training, each a string of inline SVG drawn from rows of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, percent
from ._svg import ACCENT, FAINT, INK, WRONG, axes, line_look, log_ticks, stand_ins, style, to_svg
from ._training_words import Rows, TrainedPhase, trained_phases

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["accuracy_plot", "loss_plot", "rate_plot", "runs_plot", "sweep_plot", "training_plots"]

_WIDTH = 4.4
_FAR = 20.0  # ratio between peak rates of phases from which the scale is logarithmic
_DEPTH = 1e-3  # lower end of that scale, as a share of the lowest peak
_MARKERS = {"valley": "o", "slide": "s", "steep": "^", "minimum": "D"}
_FEW = 12  # number of epochs up to which each gets a dot


def training_plots(rows: Rows) -> list[tuple[str, str]]:
    """Draw every plot that a history has data for, with a caption, in the report's order."""
    phases = trained_phases(rows)
    drawn = []
    if any(np.isfinite([*phase.train_loss, *phase.valid_loss]).any() for phase in phases):
        drawn.append((loss_plot(rows), "Loss on the photos that train and on those that do not."))
    if any(np.isfinite(phase.valid_accuracy).any() for phase in phases):
        drawn.append((accuracy_plot(rows), "How many of the validation photos it got right."))
    if any(len(phase.rates) for phase in phases):
        drawn.append((rate_plot(rows), "How large its steps were: the learning rate of the head."))
    for row in rows:
        if row.get("do") == "find_rate":
            words = "thin lines are single sweeps, the thick one is their median"
            many = f"; {words}" if len(row["curves"]) > 1 else ""
            caption = f"Phase {row['phase']} tried one rate after the other{many}."
            drawn.append((sweep_plot(row), caption))
    return drawn


def rate_plot(rows: Rows) -> str:
    """Plot the head's rate over the iterations of all phases; logarithmic if rates differ much."""
    phases = [phase for phase in trained_phases(rows) if len(phase.rates)]
    starts = _starts([max(phase.step[-1], phase.rates[-1, 0] + 1) for phase in phases])
    peaks = [phase.rates[:, 1].max() for phase in phases]
    with style():
        figure, ax = axes(_WIDTH, 2.6)
        for phase, start in zip(phases, starts, strict=False):
            steps = start + np.append(phase.rates[:, 0], phase.step[-1])
            ax.plot(steps, np.append(phase.rates[:, 1], phase.rates[-1, 1]), color=ACCENT)
        if max(peaks) > _FAR * min(peaks):
            ax.set(yscale="log", ylim=(_DEPTH * min(peaks), 2 * max(peaks)))
        else:
            ax.set(ylim=(0, 1.08 * max(peaks)))
            ax.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
        ax.set(xlabel="iteration", ylabel="rate of the head")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        _borders(ax, phases, starts)
        return to_svg(figure, "rate", "Rate of the head over the iterations of each phase")


def loss_plot(rows: Rows) -> str:
    """Plot training and validation loss after each epoch of all phases, the best marked."""
    phases = trained_phases(rows)
    starts = _starts([phase.epochs for phase in phases])
    with style():
        figure, ax = axes(_WIDTH, 3.2)
        for phase, start in zip(phases, starts, strict=False):
            epoch = start + 1 + np.arange(phase.epochs)
            dot = _dot(starts[-1])
            ax.plot(
                epoch, _positive(phase.train_loss), dot, color=INK, alpha=0.45, label="training"
            )
            ax.plot(epoch, _positive(phase.valid_loss), dot, color=ACCENT, label="validation")
            if phase.best is not None:
                at = epoch[phase.best], _positive(phase.valid_loss)[phase.best]
                label = "best of its phase"
                ax.plot(*at, "o", color=WRONG, markersize=6, label=label, clip_on=False, zorder=4)
        ax.set(yscale="log", ylabel="loss")
        log_ticks(ax)
        _epochs(ax, phases, starts)
        _legend(ax)
        return to_svg(figure, "losses", "Training and validation loss after each epoch")


def accuracy_plot(rows: Rows) -> str:
    """Plot the accuracy on validation photos after each epoch of all phases."""
    phases = trained_phases(rows)
    starts = _starts([phase.epochs for phase in phases])
    with style():
        figure, ax = axes(_WIDTH, 2.6)
        for phase, start in zip(phases, starts, strict=False):
            epoch = start + 1 + np.arange(phase.epochs)
            ax.plot(epoch, phase.valid_accuracy, _dot(starts[-1]), color=ACCENT)
        ax.set(ylabel="validation accuracy")
        reach = float(np.subtract(*ax.get_ylim()[::-1]))
        digits = 0 if reach > 0.04 else 1 if reach > 0.004 else 2
        ax.yaxis.set_major_formatter(lambda y, _: percent(y, digits))
        _epochs(ax, phases, starts)
        return to_svg(figure, "accuracies", "Validation accuracy after each epoch")


def runs_plot(runs: Mapping[str, Rows]) -> str:
    """Plot validation loss over the epochs of several runs, the best epoch of each marked.

    Up to nine runs differ in colour and dashes.
    """
    names = stand_ins(list(runs), longest=30)
    longest = 1
    with style():
        figure, ax = axes(_WIDTH, 3.0 + 0.19 * len(runs))
        for number, (name, rows) in enumerate(zip(names, runs.values(), strict=True)):
            phases = trained_phases(rows)
            loss = _positive(np.concatenate([[], *(phase.valid_loss for phase in phases)]))
            look = line_look(number)
            epoch = 1 + np.arange(len(loss))
            longest = max(longest, len(loss))
            ax.plot(epoch, loss, **look, label=name)
            if np.isfinite(loss).any():
                best = int(np.nanargmin(loss))
                dot = {"color": look["color"], "markersize": 5, "clip_on": False}
                ax.plot(epoch[best], loss[best], "o", **dot)
        ax.set(yscale="log", xlabel="epoch", ylabel="validation loss")
        ax.set_xlim(0.5, longest + 0.5)
        _whole_epochs(ax)
        log_ticks(ax)
        ax.grid(axis="y")
        figure.legend(loc="outside lower left", frameon=False, handlelength=3)
        return to_svg(figure, "runs", "Validation loss over the epochs of each run", names)


def sweep_plot(row: Mapping[str, Any]) -> str:
    """Plot loss over rate: single sweeps faint, their median strong, suggestions marked.

    Parameters
    ----------
    row : mapping
        ``{"phase", "do": "find_rate", "rate", "loss", "curves", "suggestions", "chosen"}``.
    """
    rate, loss = np.array(row["rate"], np.float64), np.array(row["loss"], np.float64)
    curves = np.array(row["curves"], np.float64).reshape(-1, len(rate))
    with style():
        figure, ax = axes(_WIDTH, 3.6)
        for curve in curves if len(curves) > 1 else ():
            ax.plot(rate, curve, color=ACCENT, alpha=0.35, linewidth=0.8)
        ax.plot(rate, loss, color=ACCENT, linewidth=2)
        _suggestions(ax, rate, loss, row["suggestions"], row["chosen"])
        ax.set(xscale="log", xlabel="rate of the head", ylabel="loss of the batch")
        ax.set_ylim(*_view(loss))
        ax.grid(axis="y")
        if row["suggestions"]:
            figure.legend(loc="outside lower left", frameon=False, handlelength=1, ncols=2)
        return to_svg(figure, f"sweep-{row['phase']}", "Loss over the rate, and what it suggests")


def _suggestions(
    ax: Axes, rate: Floats, loss: Floats, suggestions: Mapping[str, float], chosen: float | None
) -> None:
    finite = np.isfinite(loss)
    for rule, at in suggestions.items():
        is_chosen = at == chosen
        height = np.interp(np.log(at), np.log(rate[finite]), loss[finite])
        label = f"{rule} {at:.2g}" + (", chosen" if is_chosen else "")
        if is_chosen:
            ax.axvline(at, color=WRONG, linewidth=0.8)
        ax.plot(
            at,
            height,
            _MARKERS.get(rule, "o"),
            color=WRONG if is_chosen else INK,
            markersize=8 if is_chosen else 5,
            linestyle="none",
            label=label,
            zorder=4 if is_chosen else 3,
        )


def _view(loss: Floats) -> tuple[float, float]:
    """Return limits that show the fall of the loss, and only the start of its divergence."""
    finite = loss[np.isfinite(loss)]
    if not len(finite):
        return 0.0, 1.0
    low, start = float(finite.min()), float(np.median(finite[: max(1, len(finite) // 4)]))
    reach = max(start - low, 0.1 * abs(start), 1e-9)
    return max(0.0, low - 0.3 * reach), start + 0.6 * reach


def _starts(lengths: Sequence[float]) -> list[float]:
    """Return where each phase begins on a common axis, and where the last one ends."""
    return [0.0, *np.cumsum(lengths, dtype=np.float64).tolist()]


def _borders(ax: Axes, phases: Sequence[TrainedPhase], starts: Sequence[float]) -> None:
    """Draw a line between phases, and the number of each phase above."""
    ax.set_xlim(starts[0], starts[-1])
    for border in starts[1:-1]:
        ax.axvline(border, color=FAINT, linewidth=0.8)
    for phase, start, end in zip(phases, starts, starts[1:], strict=False):
        wide = end - start > 0.16 * (starts[-1] - starts[0])
        text = f"phase {phase.number}" if wide else f"{phase.number}"
        at = ((start + end) / 2 - starts[0]) / (starts[-1] - starts[0])
        ax.text(at, 1.02, text, ha="center", size=8, transform=ax.transAxes)
    ax.grid(axis="y")


def _epochs(ax: Axes, phases: Sequence[TrainedPhase], starts: Sequence[float]) -> None:
    """Set up an axis of epochs, whose numbers stand in the middle of their space."""
    _borders(ax, phases, [start + 0.5 for start in starts])
    ax.set_xlabel("epoch")
    _whole_epochs(ax)


def _whole_epochs(ax: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))


def _legend(ax: Axes) -> None:
    """Draw a legend with one entry for each label, however many lines have it."""
    handles, labels = ax.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    ax.legend(list(once.values()), list(once), frameon=False, handlelength=1.5)


def _dot(epochs: float) -> str:
    return "o-" if epochs <= _FEW else "-"


def _positive(loss: Floats) -> Floats:
    """Raise losses to the least value that a logarithmic axis can show."""
    return np.where(loss > 0, loss, np.nan)
