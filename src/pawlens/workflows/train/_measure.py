"""Metrics of a run with one label a photo, over rows of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...features import FeatureMatrix
from ...heads import Head
from ...metrics import Calibration, Interval, evaluate
from ...photos import Table
from ...recipes import Recipe
from ...runs import HELD_OUT

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["measured", "measured_splits"]


def measured(table: Table, recipe: Recipe, rows: Ints, proba: Floats) -> dict[str, Interval]:
    """Compute every metric, with its interval, of probabilities float64 (n, K) of rows."""
    return evaluate(
        table.label[rows], proba, table.classes, seed=recipe.seed, groups=table.group[rows]
    )


def measured_splits(
    table: Table, recipe: Recipe, matrix: FeatureMatrix, head: Head, calibration: Calibration
) -> dict[str, dict[str, Interval]]:
    """Measure the labelled splits that do not train, by name, with the model that ships."""
    splits = {split: table.rows(split) for split in HELD_OUT}
    return {
        split: measured(
            table, recipe, rows, calibration.probabilities(head.logits(matrix.of(rows)))
        )
        for split, rows in splits.items()
        if len(rows)
    }
