"""Predictions as rows, for a table, a CSV or a program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from ._predictions import Predictions

__all__ = ["prediction_rows", "predictions_csv"]


def prediction_rows(answers: Predictions) -> Iterator[dict[str, Any]]:
    """Yield a row for each photo: path, status, label, probability of each class, other scores."""
    scores = {name: scores_of.tolist() for name, scores_of in answers.scores.items()}
    columns = answers.paths, answers.labels, answers.proba.tolist(), answers.status
    for row, (path, label, proba, status) in enumerate(zip(*columns, strict=True)):
        readable = label is not None
        values = {
            f"p:{c}": p if readable else None for c, p in zip(answers.classes, proba, strict=True)
        }
        values |= {
            f"{name}_score": scores_of[row] if readable else None
            for name, scores_of in scores.items()
        }
        yield {"path": path, "status": status, "label": label, **values}


def predictions_csv(answers: Predictions) -> str:
    """Write the rows as CSV with a header."""
    sink = io.StringIO()
    names = ["path", "status", "label", *(f"p:{c}" for c in answers.classes)]
    names += [f"{name}_score" for name in answers.scores]
    writer = csv.DictWriter(sink, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(prediction_rows(answers))
    return sink.getvalue()
