"""``pawlens predict``."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._app import app, print_json, say
from ._progress import Bars

if TYPE_CHECKING:
    from ..export import Predictions

__all__: list[str] = []

_SHOWN = 20


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A run folder or a model.onnx.")],
    photos: Annotated[list[str], typer.Argument(help="Folder, zip, list, or photos.")],
    out: Annotated[Path | None, typer.Option(help="Write CSV or JSON (by its ending).")] = None,
    kaggle: Annotated[
        bool, typer.Option("--kaggle", help="Write id,label with the positive class's probability.")
    ] = False,
    positive: Annotated[
        str | None, typer.Option(help="Positive class of --kaggle; the last class by default.")
    ] = None,
    ids: Annotated[
        Path | None, typer.Option(help="A CSV with an id column: the ids that are expected.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> int:
    """Answer for photos; every photo has a row, readable or not."""
    from .. import Photos, load
    from ..export import read_ids, submission

    source: Any = photos[0] if len(photos) == 1 else photos
    classifier = load(model)
    table = Photos.read(source, labels=False)
    with Bars() as bars:
        answers = classifier.answer(table, progress=bars)
    if kaggle:
        expected = read_ids(ids) if ids is not None else None
        _write(out, submission(answers, positive=positive, expected=expected))
    elif as_json or (out is not None and out.suffix.lower() == ".json"):
        _write_json(out, list(_rows(answers)))
    elif out is not None:
        _write(out, _csv(answers))
    else:
        _show(answers)
    for path, status in answers.unreadable:
        say(f"pawlens: {path}: {status}")
    return 2 if answers.unreadable else 0


def _rows(answers: Predictions) -> Iterable[dict[str, Any]]:
    for path, label, proba, status in zip(
        answers.paths, answers.labels, answers.proba.tolist(), answers.status, strict=True
    ):
        known = label is not None
        values = {
            f"p:{c}": p if known else None for c, p in zip(answers.classes, proba, strict=True)
        }
        yield {"path": path, "status": status, "label": label, **values}


def _csv(answers: Predictions) -> str:
    sink = io.StringIO()
    names = ["path", "status", "label", *(f"p:{c}" for c in answers.classes)]
    writer = csv.DictWriter(sink, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(answers))
    return sink.getvalue()


def _write(out: Path | None, text: str) -> None:
    from .._files import write_atomic

    if out is None:
        sys.stdout.write(text)
    else:
        write_atomic(out, text.encode())


def _write_json(out: Path | None, rows: list[dict[str, Any]]) -> None:
    import json

    if out is None:
        print_json(rows)
    else:
        _write(out, json.dumps(rows, ensure_ascii=False, indent=2) + "\n")


def _show(answers: Predictions) -> None:
    width = max(len(path) for path in answers.paths[:_SHOWN])
    for row in list(_rows(answers))[:_SHOWN]:
        if row["label"] is None:
            print(f"{row['path']:{width}}  {row['status']}")
        else:
            print(f"{row['path']:{width}}  {row['label']}  {row['p:' + row['label']]:.4f}")
    if len(answers.paths) > _SHOWN:
        print(f"... and {len(answers.paths) - _SHOWN} more; --out FILE.csv writes them all")
