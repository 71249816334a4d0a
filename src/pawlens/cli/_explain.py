"""``pawlens explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ._app import app, print_json, say
from ._options import AsJson, PathColumn
from ._predict import model_and_photos
from ._progress import Bars

__all__: list[str] = []

_SHOWN = 20


@app.command()
def explain(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PHOTOS...",
            help="The model, as a run folder or a model.onnx, then the photos: a folder, a zip, a "
            "list, or single ones. Without a model the bundled classifier is explained, cat "
            "against dog.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the page and a PNG of each photo.")] = (
        Path("explained")
    ),
    of: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="NAME",
            help="The class to explain. By default the answer of each photo.",
        ),
    ] = None,
    instead: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Another class: why is it the one and not this? By default the class stands "
            "against the mean of all others.",
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="auto|cam|occlusion|gradcam|integrated-gradients",
            help="How maps are made: cam reads them out of the model itself, occlusion covers one "
            "place of the photo after the other, auto covers where there is nothing to read; "
            "gradcam and integrated-gradients follow gradients and need pawlens[explain].",
        ),
    ] = "auto",
    weights_dir: Annotated[
        Path | None,
        typer.Option(
            help="The folder with the weights of backbones as NAME[.TAG].safetensors, which "
            "methods that follow gradients need. By default there is none."
        ),
    ] = None,
    check: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            help="How many of the photos to check the maps on: whether they follow the model's "
            "weights, and whether the answer depends on what they mark. By default no check.",
        ),
    ] = None,
    path_column: PathColumn = None,
    as_json: AsJson = False,
) -> int:
    """Show where in photos an answer comes from. Says what each backbone adds to it."""
    from ..explain import check_method
    from ..pages import check_sentences
    from ..photos import as_photos
    from ..workflows import explain as explain_photos

    chosen = check_method(method)
    named, photos = model_and_photos(sources)
    table = as_photos(
        photos[0] if len(photos) == 1 else photos, labels=False, path_column=path_column
    )
    with Bars(table) as bars:
        explanations = explain_photos(
            table,
            named,
            out=out,
            of=of,
            instead=instead,
            method=chosen,
            weights_dir=weights_dir,
            check=check,
            progress=bars,
        )
    rows = explanations.rows
    if as_json:
        more = {} if explanations.check is None else {"check": explanations.check.as_json()}
        print_json({"page": str(explanations.page), "photos": rows} | more)
    else:
        _show(rows)
        for sentence in [] if explanations.check is None else check_sentences(explanations.check):
            print(sentence)
        print(f"page  {explanations.page}")
    for note in explanations.notes:
        say(f"pawlens: {note}")
    lost = [row for row in rows if row["status"] != "ok"]
    for row in lost:
        say(f"pawlens: {row['path']}: {row['status']}")
    return 2 if lost else 0


def _show(rows: list[dict[str, Any]]) -> None:
    """Each photo's class, probability, and what every backbone adds."""
    from ..metrics import percent

    read = [row for row in rows if row["status"] == "ok"]
    width = max((len(row["path"]) for row in read[:_SHOWN]), default=0)
    for row in read[:_SHOWN]:
        said = "  ".join(
            f"{part['name']} {part['contribution']:+.2f} ({percent(part['share'], 0)})"
            for part in row["backbones"]
        )
        print(f"{row['path']:{width}}  {row['class']}  {row['probability']:.4f}  {said}")
    if len(read) > _SHOWN:
        print(f"... and {len(read) - _SHOWN} more; the page shows them")
