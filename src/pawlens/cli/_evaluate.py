"""``pawlens evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ._app import app, print_json, say
from ._metrics import plain_labels, print_labels, print_metrics
from ._options import AsJson, Group, GroupName, LabelColumn, Labelled, PathColumn
from ._progress import Bars

__all__: list[str] = []


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="The model: a run folder or a model.onnx.")],
    photos: Labelled,
    group: Group = None,
    group_name: GroupName = None,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRAIT",
            help="A trait by which photos are looked at in slices: camera, hour, orientation, "
            "brightness, sharpness, detail, size, a column of the list, all of these as all; or "
            "subject or place. Repeat it for several. Without it there are no slices.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure a classifier on other labelled photos. Those that it learnt from are left out."""
    from dataclasses import asdict

    from ..photos import as_photos
    from ..workflows import evaluate as measure

    table = as_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        evaluation = measure(table, run, by=by or (), progress=bars)
    if as_json:
        print_json(
            {
                "photos": evaluation.photos,
                "trained_on": evaluation.trained_on,
                "skipped": evaluation.skipped,
                "baseline": asdict(evaluation.baseline),
                "notes": evaluation.notes,
            }
            | {name: asdict(one) for name, one in evaluation.metrics.items()}
            | ({"labels": plain_labels(evaluation.by_label)} if evaluation.by_label else {})
            | ({} if evaluation.slices is None else {"slices": evaluation.slices.as_json()})
        )
        return
    if evaluation.trained_on is None:
        say("whether the model learnt from these photos cannot be known: it does not say which")
    elif evaluation.trained_on:
        say(
            f"left out: {evaluation.trained_on} photos that the model learnt from (the same files; "
            "copies at another size or quality are not noticed)"
        )
    for path, reason in evaluation.skipped:
        say(f"left out: {path}: {reason}")
    print(f"{evaluation.photos} photos")
    print_metrics(evaluation.metrics, evaluation.baseline)
    print_labels(plain_labels(evaluation.by_label))
    for note in evaluation.notes:
        print(f"note: {note}")
    if evaluation.slices is not None:
        _print_slices(evaluation.slices)


def _print_slices(slices: Any) -> None:
    from ..pages import slice_rows

    print(slices.in_words())
    rows = slice_rows(slices)
    width = max((len(f"{row['trait']}: {row['value']}") for row in rows), default=0)
    for row in rows:
        name = f"{row['trait']}: {row['value']}"
        right = f"{row['right']} ({row['right_ends']})"
        print(f"  {name:{width}}  {row['photos']:>7} photos  {right:24}  {row['verdict']}")
