"""What both kinds of training need and give: frozen features under a head, or a trained network."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...audit import Decision
from ...backbones import Backbone, Device
from ...base import Clock, Progress
from ...heads import Head
from ...metrics import Calibration, Interval, apply_clip, apply_temperature, evaluate
from ...photos import Table
from ...recipes import Recipe
from ._results import Learnt

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = [
    "HELD_OUT",
    "Outcome",
    "Settings",
    "Training",
    "as_shipped",
    "measured",
    "measured_splits",
    "trimmed_rows",
]

HELD_OUT = ("valid", "test")
"""Splits of the user's that get numbers of their own and never train."""


@dataclass(frozen=True)
class Settings:
    """What a run needs besides its photos; only recipe and decisions decide the outcome."""

    recipe: Recipe
    weights_dir: Path | None = None
    cache_dir: Path | None = None
    device: Device = "auto"
    devices: int = 1
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    storage: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A trained classifier before it is written.

    Attributes
    ----------
    results : Learnt
    backbones : sequence of Backbone
        As they are exported.
    precisions : sequence of str
        Of the features that were evaluated.
    extracted : int
        Features computed now, not taken from the cache.
    features : callable
        Row numbers to what the head was given of them, float32 [n, D].
    probabilities : callable
        Row numbers to float64 [n, K], from these features.
    """

    results: Learnt
    backbones: Sequence[Backbone]
    precisions: Sequence[str]
    extracted: int
    features: Callable[[Ints], npt.NDArray[np.float32]]
    probabilities: Callable[[Ints], Floats]


Training = Callable[[Clock, Progress | None], Outcome]
"""What trains once backbones are there and the run folder is claimed."""


def as_shipped(
    head: Head, calibration: Calibration, features: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """What the shipped model says: the final head, temperature and clip."""
    proba = apply_temperature(head.logits(features), calibration.temperature)
    return apply_clip(proba, calibration.clip)


def measured(table: Table, recipe: Recipe, rows: Ints, proba: Floats) -> dict[str, Interval]:
    """Every metric, with its interval, of the probabilities float64 [n, K] of some rows."""
    return evaluate(
        table.label[rows], proba, table.classes, seed=recipe.seed, groups=table.group[rows]
    )


def measured_splits(
    table: Table, recipe: Recipe, probabilities: Callable[[Ints], Floats]
) -> dict[str, dict[str, Interval]]:
    """Metrics of the labelled splits that do not train, by name."""
    splits = {split: table.rows(split) for split in HELD_OUT}
    return {
        split: measured(table, recipe, rows, probabilities(rows))
        for split, rows in splits.items()
        if len(rows)
    }


def trimmed_rows(table: Table, recipe: Recipe) -> Container[int]:
    """Rows whose border is cut off before a backbone sees them."""
    return range(len(table.photos)) if recipe.borders == "trim" else table.trimmed
