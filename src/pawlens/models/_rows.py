"""Predictions as rows: what a table, a CSV or a program is given."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from ._predictions import Predictions

__all__ = ["prediction_rows", "predictions_csv"]


def prediction_rows(answers: Predictions) -> Iterator[dict[str, Any]]:
    """One row a photo: path, status, label, a probability for each class, and other scores."""
    scores = {name: one.tolist() for name, one in answers.scores.items()}
    columns = answers.paths, answers.labels, answers.proba.tolist(), answers.status
    for row, (path, label, proba, status) in enumerate(zip(*columns, strict=True)):
        known = label is not None
        values = {
            f"p:{c}": p if known else None for c, p in zip(answers.classes, proba, strict=True)
        }
        values |= {f"{name}_score": one[row] if known else None for name, one in scores.items()}
        yield {"path": path, "status": status, "label": label, **values}


def predictions_csv(answers: Predictions) -> str:
    """The rows as CSV with a header."""
    sink = io.StringIO()
    names = ["path", "status", "label", *(f"p:{c}" for c in answers.classes)]
    names += [f"{name}_score" for name in answers.scores]
    writer = csv.DictWriter(sink, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(prediction_rows(answers))
    return sink.getvalue()
