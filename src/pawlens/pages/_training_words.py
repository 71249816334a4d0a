"""The course of a training in words, from the rows of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from ..metrics import Floats
from ._words import duration, loss, percent

__all__ = ["PhaseLine", "Rows", "TrainedPhase", "phase_lines", "trained_phases"]

Rows = Sequence[Mapping[str, Any]]

_RESTART = 2.0  # ratio of a rate to the one before that tells a restart
_WIDE = 100.0  # ratio of highest to lowest rate from which the lowest counts as zero


@dataclass(frozen=True)
class TrainedPhase:
    """One ``train`` phase.

    Attributes
    ----------
    number : int
        Number of the phase in its recipe.
    planned : int
        Number of epochs that were planned.
    step : ndarray of float64, shape (e,)
        Iterations of the phase after each epoch.
    train_loss, valid_loss, valid_accuracy : ndarray of float64, shape (e,)
        Values after each epoch; NaN where there is none.
    rates : ndarray of float64, shape (m, 2)
        Iteration of the phase and rate of the head.
    seconds : float
    """

    number: int
    planned: int
    step: Floats
    train_loss: Floats
    valid_loss: Floats
    valid_accuracy: Floats
    rates: Floats
    seconds: float

    @property
    def epochs(self) -> int:
        """Number of epochs that were trained."""
        return len(self.step)

    @property
    def best(self) -> int | None:
        """Index of the epoch of least validation loss."""
        finite = np.isfinite(self.valid_loss)
        return int(np.where(finite, self.valid_loss, np.inf).argmin()) if finite.any() else None


@dataclass(frozen=True)
class PhaseLine:
    """A phase as one line of a table of texts; empty where there is nothing to say."""

    number: str
    what: str
    epochs: str = ""
    best: str = ""
    time: str = ""


def trained_phases(rows: Rows) -> list[TrainedPhase]:
    """Read the ``train`` phases of a history, in order; the last row of an epoch counts.

    Parameters
    ----------
    rows : sequence of mapping
        ``{"phase", "do": "train", "epoch", "epochs", "step", "train_loss", "valid_loss",
        "valid_accuracy", "rate", "seconds"}`` after each epoch, where ``step`` and ``seconds``
        count from the start of the phase, and ``{"phase", "do": "rates", "rates": [[step, rate],
        ...]}``. Others are passed over.
    """
    epochs: dict[int, dict[int, Mapping[str, Any]]] = {}
    rates: dict[int, Any] = {}
    for row in rows:
        if row.get("do") == "train":
            epochs.setdefault(row["phase"], {})[row["epoch"]] = row
        elif row.get("do") == "rates":
            rates[row["phase"]] = row["rates"]
    return [
        _trained(number, [by_epoch[epoch] for epoch in sorted(by_epoch)], rates.get(number, []))
        for number, by_epoch in epochs.items()
    ]


def _trained(number: int, rows: Rows, rates: Any) -> TrainedPhase:
    return TrainedPhase(
        number=number,
        planned=int(rows[-1]["epochs"]),
        step=_column(rows, "step"),
        train_loss=_column(rows, "train_loss"),
        valid_loss=_column(rows, "valid_loss"),
        valid_accuracy=_column(rows, "valid_accuracy"),
        rates=np.array(rates, np.float64).reshape(-1, 2),
        seconds=float(np.nan_to_num(_column(rows, "seconds")[-1])),
    )


def phase_lines(rows: Rows) -> list[PhaseLine]:
    """Describe every phase that left rows."""
    trained = {phase.number: phase for phase in trained_phases(rows)}
    lines = {}
    for row in rows:
        number, do = row.get("phase"), row.get("do")
        if number is None or do is None or number in lines:
            continue
        if number in trained:
            lines[number] = _train_line(trained[number])
        else:
            spent = row.get("seconds")
            time = duration(spent) if spent is not None else ""
            lines[number] = PhaseLine(str(number), _what(row), time=time)
    return list(lines.values())


def _train_line(phase: TrainedPhase) -> PhaseLine:
    epochs = (
        f"{phase.epochs}" if phase.epochs == phase.planned else f"{phase.epochs} of {phase.planned}"
    )
    best = ""
    if phase.best is not None:
        best = loss(float(phase.valid_loss[phase.best]))
        best += f" (epoch {phase.best + 1})" if phase.epochs > 1 else ""
    stopped = "; stopped early" if phase.epochs < phase.planned else ""
    what = f"Trained {_rate_words(phase.rates)}{stopped}"
    return PhaseLine(str(phase.number), what.rstrip(), epochs, best, duration(phase.seconds))


def _rate_words(rates: Floats) -> str:
    if not len(rates):
        return ""
    rate = rates[:, 1]
    high, low = float(rate.max()), float(rate.min())
    if low == high:
        return f"at a rate of {high:.2g}"
    restarts = int(((rate[1:] > _RESTART * rate[:-1]) & (rate[1:] > high / 2)).sum())
    ends = f"{low:.2g} to {high:.2g}" if low > high / _WIDE else f"up to {high:.2g}"
    if restarts:
        times = {1: "once", 2: "twice"}.get(restarts, f"{restarts} times")
        return f"at rates of {ends}, restarted {times}"
    return f"at rates of {ends}"


def _what(row: Mapping[str, Any]) -> str:
    """Describe a phase that did not train."""
    if row["do"] == "find_rate":
        return "Looked for a rate: " + str(row.get("words", ""))
    if row["do"] == "clean":
        number = cast(int, row["set_aside"])
        photos = "photo" if number == 1 else "photos"
        below = percent(row["below"], 0)
        return f"Set aside {number:,} {photos} to whose label it gave less than {below}"
    return str(row.get("words") or row["do"].replace("_", " ").capitalize())


def _column(rows: Rows, key: str) -> Floats:
    """Return one value of each row, float64 (n,); NaN where it is missing or null."""
    return np.array([row.get(key) for row in rows], np.float64)
