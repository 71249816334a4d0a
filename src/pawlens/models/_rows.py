"""Predictions as rows, for a table, a CSV or a program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..base import cell

if TYPE_CHECKING:
    import pyarrow as pa

    from ._predictions import Predictions

__all__ = ["prediction_rows", "predictions_csv", "predictions_table"]

_TEXTS = ("path", "status", "label")


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
    """Write the rows as CSV with a header; texts are as `cell` writes them for a spreadsheet."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, [*_TEXTS, *_numbers(answers)], lineterminator="\n")
    writer.writeheader()
    for row in prediction_rows(answers):
        writer.writerow(row | {name: cell(row[name] or "") for name in _TEXTS})
    return sink.getvalue()


def predictions_table(answers: Predictions) -> pa.Table:
    """The rows as a pyarrow table; what is not known is null."""
    import pyarrow as pa

    fields = [(name, pa.string()) for name in _TEXTS]
    fields += [(name, pa.float64()) for name in _numbers(answers)]
    return pa.Table.from_pylist(list(prediction_rows(answers)), schema=pa.schema(fields))


def _numbers(answers: Predictions) -> list[str]:
    """Names of the columns that hold numbers."""
    scores = [f"{name}_score" for name in answers.scores]
    return [*(f"p:{name}" for name in answers.classes), *scores]
