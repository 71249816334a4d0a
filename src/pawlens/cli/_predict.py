"""``pawlens predict``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import UsageError
from ._app import app, print_data, print_json, say
from ._options import AsJson, OnCluster, PathColumn, Shard
from ._parts import do_all_parts, do_part
from ._progress import Bars
from ._trust_options import CoverageOfRun, RiskOfRun, SetsByClassOfRun, SetsOfRun

__all__ = ["model_and_photos"]

_SHOWN = 20


@app.command()
def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PHOTOS...",
            help="The model, as a run folder, a model.onnx or the address of a server, then the "
            "photos: a folder, a zip, a list, or single ones. Without a model the bundled "
            "classifier says cat, dog, neither or both.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write every answer to, FILE.csv or FILE.json. By default the first "
            "20 are printed."
        ),
    ] = None,
    kaggle: Annotated[
        bool,
        typer.Option(
            "--kaggle",
            help="Give a submission in the form of --ids; without --ids as id,label, where the "
            "label is the probability of the positive class, or id and a column for each of more "
            "classes. Without it, the answer and the probability of each class.",
        ),
    ] = False,
    positive: Annotated[
        str | None,
        typer.Option(
            help="The class whose probability --kaggle gives. By default the one that --ids has a "
            "column for, or the last of two."
        ),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            help="The competition's sample submission, which says what --kaggle gives: the ids and "
            "their order, the header, and whether columns hold probabilities or names of classes. "
            "By default ids are the photos' names; numbers must be 1 to n."
        ),
    ] = None,
    rotations: Annotated[
        bool,
        typer.Option(
            "--rotations",
            help="Look at each photo in all four turns, for photos that may lie on a side; takes 4 "
            "times as long. Without it, only upright.",
        ),
    ] = False,
    views: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Ways to look at each photo, whose answers are joined: flip (takes 2 times as "
            "long), crops (6 times), subject (up to 2 times), rotations (4 times all that). By "
            "default one look at the whole photo.",
        ),
    ] = "",
    sets: SetsOfRun = None,
    sets_by_class: SetsByClassOfRun = False,
    risk: RiskOfRun = None,
    coverage: CoverageOfRun = None,
    path_column: PathColumn = None,
    shard: Shard = None,
    on: OnCluster = None,
    as_json: AsJson = False,
) -> int:
    """Say what photos show. Every photo has a row, readable or not."""
    from ..base import make_folder, write_atomic
    from ..models import (
        LabelPredictions,
        SubmissionForm,
        check_views,
        is_address,
        load,
        prediction_rows,
        predictions_csv,
        read_sample,
    )
    from ..pages import trust_lines
    from ..photos import as_photos
    from ..workflows import find_promises
    from ..workflows import predict as answer

    promised = sets is not None or risk is not None or coverage is not None or sets_by_class
    if not kaggle and (ids is not None or positive is not None):
        raise UsageError("--ids and --positive belong to --kaggle; add it or leave them out")
    if kaggle and as_json:
        raise UsageError(
            "--kaggle gives a submission as CSV and --json the answers as JSON; leave one out"
        )
    in_parts = shard is not None or on is not None
    if in_parts and (out is None or kaggle or rotations or views or promised):
        raise UsageError("--shard and --on want --out FOLDER, and one plain look at each photo")
    if out is not None and not in_parts:
        endings = (".csv",) if kaggle else (".csv", ".json")
        if out.suffix.lower() not in endings:
            raise UsageError(f"--out {out}: its ending says the format, use {' or '.join(endings)}")
        make_folder(out.parent)  # a wrong path is told before any photo is read
    model, photos = model_and_photos(sources)
    if on is not None and out is not None:
        return do_all_parts("predict", photos, on, out, model, as_json=as_json)
    names = [name.strip() for name in views.split(",") if name.strip()]
    check_views(names)
    classifier = model if is_address(model) else load(model)
    promises = find_promises(
        model, sets=sets, sets_by_class=sets_by_class, risk=risk, coverage=coverage
    )
    sample = read_sample(ids) if ids is not None else None
    source = as_photos(
        photos[0] if len(photos) == 1 else photos, labels=False, path_column=path_column
    )
    if shard is not None and out is not None:
        return do_part("predict", source, shard, out, classifier, as_json=as_json)
    form = None
    if kaggle and not isinstance(classifier, str):  # told before any photo is answered
        several = classifier.facts.labels is not None
        form = SubmissionForm(
            source.paths, classifier.classes_, several=several, positive=positive, sample=sample
        )
    with Bars(source) as bars:
        answers = answer(source, classifier, rotations=rotations, views=names, progress=bars)
    if promises is not None:
        answers = promises.kept_by(answers)
        for line in trust_lines(promises.facts):
            say(f"out-of-fold: {line}")
    rows = list(prediction_rows(answers))
    text = None
    if kaggle:
        form = form or SubmissionForm(  # a server's classes are known by its answers alone
            answers.paths,
            answers.classes,
            several=isinstance(answers, LabelPredictions),
            positive=positive,
            sample=sample,
        )
        for note in form.notes:
            say(note)
        text = form.write(answers)
    elif out is not None:
        text = _json(rows) if out.suffix.lower() == ".json" else predictions_csv(answers)
    if out is not None and text is not None:
        write_atomic(out, text.encode())
    if as_json:
        print_json(rows)
    elif out is None and text is not None:
        print_data(text)
    elif out is None:
        _show(answers.classes, rows, isinstance(answers, LabelPredictions))
    for path, status in answers.unreadable:
        say(f"pawlens: {path}: {status}")
    return 2 if answers.unreadable else 0


def model_and_photos(sources: list[str]) -> tuple[str, list[str]]:
    """The model, the bundled one where none is named, and the photos."""
    from ..models import BUNDLED, is_address
    from ..runs import is_begun

    if is_address(sources[0]):
        if len(sources) == 1:
            raise UsageError(f"{sources[0]}: a server and no photos; name photos after it")
        return sources[0], sources[1:]
    first = Path(sources[0])
    named = sources[0] == BUNDLED and not first.exists()
    run = is_begun(first)
    run |= first.is_dir() and len(sources) > 1  # one folder of photos stands alone
    if len(sources) > 1 and not (named or first.exists() or first.suffix):
        raise UsageError(
            f"{first}: no such model; name a run folder, a model.onnx, or photos alone"
        )
    if not (named or run or first.suffix.lower() == ".onnx"):
        return BUNDLED, sources
    if len(sources) == 1:
        raise UsageError(f"{first}: a model and no photos; name a folder, a zip or photos after it")
    return sources[0], sources[1:]


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _show(classes: list[str], rows: list[dict[str, Any]], several: bool) -> None:
    width = max(len(row["path"]) for row in rows[:_SHOWN])
    for row in rows[:_SHOWN]:
        if row["label"] is None:
            print(f"{row['path']:{width}}  {row['status']}")
        elif several:
            given = [f"{c}  {row[f'p:{c}']:.4f}" for c in classes if c in row["label"].split(";")]
            print(f"{row['path']:{width}}  {', '.join(given) or row['label']}")
        else:
            label = row["label"]
            print(f"{row['path']:{width}}  {label}{_value(classes, row)}")
    if len(rows) > _SHOWN:
        print(f"... and {len(rows) - _SHOWN} more; --out FILE.csv writes them all")


def _value(classes: list[str], row: dict[str, Any]) -> str:
    """Say how sure the answer is, and the set where there is one."""
    label = row["label"]
    name = f"p:{label}" if label in classes else f"{label}_score"
    if name in row:
        value = f"  {row[name]:.4f}"
    else:  # a person is asked, who may want to know what it might be
        best = max(classes, key=lambda one: row[f"p:{one}"])
        value = f"  {best}  {row[f'p:{best}']:.4f}"
    return value + (f"  {{{row['set']}}}" if row.get("set") else "")
