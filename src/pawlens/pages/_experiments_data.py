"""What the page of a grid of experiments shows: one run for each point of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..metrics import Difference, Interval
from ..runs import Run

__all__ = ["Experiments", "Point"]


@dataclass(frozen=True)
class Point:
    """One run of the grid.

    Attributes
    ----------
    values : dict
        What was set, by key of the recipe, as it is written in YAML.
    run : Run
        Finished.
    new : bool
        Trained now, not found finished in its folder.
    to_best : Difference, optional
        The point less the best one on the same photos, corrected for the number of points; None
        for the best one itself, where the photos that were measured differ, and where photos have
        several labels.
    """

    values: dict[str, str]
    run: Run
    new: bool
    to_best: Difference | None = None

    @property
    def name(self) -> str:
        """``rate=0.001, optimizer=adam``: the last part of each key and its value."""
        return ", ".join(f"{key.rpartition('.')[2]}={v}" for key, v in self.values.items())

    @property
    def accuracy(self) -> Interval:
        """Of several labels, the share of photos with all of them right."""
        found = self.run.out_of_fold
        return found["accuracy" if "accuracy" in found else "subset_accuracy"]

    def as_json(self) -> dict[str, Any]:
        """Figures for machines."""
        return {
            "values": self.values,
            "run": str(self.run.path),
            "new": self.new,
            "log_loss": vars(self.run.out_of_fold["log_loss"]),
            "accuracy": vars(self.accuracy),
            "to_best": self.to_best.to_json([self.name, "best"]) if self.to_best else None,
        }


@dataclass(frozen=True)
class Experiments:
    """All points of a grid.

    Attributes
    ----------
    grid : dict of str to list of str
        The keys that vary and their values.
    points : list of Point
        In the order of the grid, the last key varying fastest.
    best : Point
        With the least log loss.
    """

    grid: dict[str, list[str]]
    points: list[Point]
    best: Point
