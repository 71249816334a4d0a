"""The data behind the page of a grid of experiments: one run for each point of the grid."""

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
        Values of the point by key of the recipe, as they are written in YAML.
    run : Run
        The finished run.
    new : bool
        Whether the run was trained now, rather than found finished in its folder.
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
        """Name of the point: ``rate=0.001, optimizer=adam``, from the last part of each key."""
        return ", ".join(f"{key.rpartition('.')[2]}={v}" for key, v in self.values.items())

    @property
    def accuracy(self) -> Interval:
        """Accuracy; for several labels, the share of photos with all of them right."""
        metrics = self.run.out_of_fold
        return metrics["accuracy" if "accuracy" in metrics else "subset_accuracy"]

    def as_json(self) -> dict[str, Any]:
        """Return all figures as plain values."""
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
        Points in the order of the grid, the last key varying fastest.
    best : Point
        Point with the least log loss.
    """

    grid: dict[str, list[str]]
    points: list[Point]
    best: Point
