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

_SET = "set"


def prediction_rows(answers: Predictions) -> Iterator[dict[str, Any]]:
    """Yield a row for each photo: path, status, label, set, probability of each class, scores."""
    sets = answers.sets
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
        labels = sets[row] if sets is not None else None
        together = {} if sets is None else {_SET: None if labels is None else ";".join(labels)}
        yield {"path": path, "status": status, "label": label, **together, **values}


def predictions_csv(answers: Predictions) -> str:
    """Write the rows as CSV with a header; texts are as `cell` writes them for a spreadsheet."""
    sink = io.StringIO()
    texts = _texts(answers)
    writer = csv.DictWriter(sink, [*texts, *_numbers(answers)], lineterminator="\n")
    writer.writeheader()
    for row in prediction_rows(answers):
        writer.writerow(row | {name: cell(row[name] or "") for name in texts})
    return sink.getvalue()


def predictions_table(answers: Predictions) -> pa.Table:
    """The rows as a pyarrow table; what is not known is null."""
    import pyarrow as pa

    fields = [(name, pa.string()) for name in _texts(answers)]
    fields += [(name, pa.float64()) for name in _numbers(answers)]
    return pa.Table.from_pylist(list(prediction_rows(answers)), schema=pa.schema(fields))


def _texts(answers: Predictions) -> list[str]:
    """Names of the columns that hold texts."""
    return ["path", "status", "label", *([] if answers.sets is None else [_SET])]


def _numbers(answers: Predictions) -> list[str]:
    """Names of the columns that hold numbers."""
    scores = [f"{name}_score" for name in answers.scores]
    return [*(f"p:{name}" for name in answers.classes), *scores]
