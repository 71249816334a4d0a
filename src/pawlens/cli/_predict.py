"""``pawlens predict``."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._errors import UsageError
from ._app import app, print_json, say
from ._progress import Bars

if TYPE_CHECKING:
    from ..export import Predictions

__all__: list[str] = []

_SHOWN = 20


@app.command()
def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PHOTOS...",
            help="A run folder or a model.onnx, where one is meant, then a folder, a zip, a list, "
            "or photos. Without a model the bundled classifier says cat, dog, neither or both.",
        ),
    ],
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
    rotations: Annotated[
        bool,
        typer.Option(
            "--rotations",
            help="For photos that may lie on a side: all four turns, 4 times the work.",
        ),
    ] = False,
    views: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Look at each photo in several ways and join the answers: flip (2 times the "
            "work), crops (6 times), subject (up to 2 times), rotations (4 times all that).",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> int:
    """Answer for photos; every photo has a row, readable or not."""
    from .. import Photos, load
    from .._files import make_folder, write_atomic
    from ..export import check_views, read_ids, submission

    if not kaggle and (ids is not None or positive is not None):
        raise UsageError("--ids and --positive belong to --kaggle; add it or leave them out")
    if out is not None:
        make_folder(out.parent)  # a wrong path is told before any photo is read
    model, photos = _split(sources)
    names = [name.strip() for name in views.split(",") if name.strip()]
    check_views(names)
    source: Any = photos[0] if len(photos) == 1 else photos
    classifier = load(model)
    expected = read_ids(ids) if ids is not None else None
    table = Photos.read(source, labels=False)
    with Bars() as bars:
        answers = classifier.answer(table, rotations=rotations, views=names, progress=bars)
    text = None
    if kaggle:
        text = submission(answers, positive=positive, expected=expected)
    elif out is not None:
        text = _json(answers) if out.suffix.lower() == ".json" else _csv(answers)
    if out is not None and text is not None:
        write_atomic(out, text.encode())
    if as_json:
        print_json(list(_rows(answers)))
    elif out is None and text is not None:
        sys.stdout.write(text)
    elif out is None:
        _show(answers)
    for path, status in answers.unreadable:
        say(f"pawlens: {path}: {status}")
    return 2 if answers.unreadable else 0


def _split(sources: list[str]) -> tuple[str, list[str]]:
    """The model, the bundled one where none is named, and the photos."""
    from ..export import BUNDLED

    first = Path(sources[0])
    named = sources[0] == BUNDLED and not first.exists()
    run = any((first / name).is_file() for name in ("model.onnx", "recipe.yaml"))
    run |= first.is_dir() and len(sources) > 1  # one folder of photos stands alone
    if not (named or run or first.suffix.lower() == ".onnx"):
        return BUNDLED, sources
    if len(sources) == 1:
        raise UsageError(f"{first}: a model and no photos; name a folder, a zip or photos after it")
    return sources[0], sources[1:]


def _rows(answers: Predictions) -> Iterable[dict[str, Any]]:
    scores = {name: one.tolist() for name, one in answers.scores.items()}
    columns = answers.paths, answers.labels, answers.proba.tolist(), answers.status
    for row, (path, label, proba, status) in enumerate(zip(*columns, strict=True)):
        known = label is not None
        values = {
            f"p:{c}": p if known else None for c, p in zip(answers.classes, proba, strict=True)
        }
        values |= {f"{name}_score": one[row] if known else None for name, one in scores.items()}
        yield {"path": path, "status": status, "label": label, **values}


def _csv(answers: Predictions) -> str:
    sink = io.StringIO()
    names = ["path", "status", "label", *(f"p:{c}" for c in answers.classes)]
    names += [f"{name}_score" for name in answers.scores]
    writer = csv.DictWriter(sink, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(answers))
    return sink.getvalue()


def _json(answers: Predictions) -> str:
    return json.dumps(list(_rows(answers)), ensure_ascii=False, indent=2) + "\n"


def _show(answers: Predictions) -> None:
    width = max(len(path) for path in answers.paths[:_SHOWN])
    for row in list(_rows(answers))[:_SHOWN]:
        if row["label"] is None:
            print(f"{row['path']:{width}}  {row['status']}")
        else:
            label = row["label"]
            value = row[f"p:{label}"] if label in answers.classes else row[f"{label}_score"]
            print(f"{row['path']:{width}}  {label}  {value:.4f}")
    if len(answers.paths) > _SHOWN:
        print(f"... and {len(answers.paths) - _SHOWN} more; --out FILE.csv writes them all")
