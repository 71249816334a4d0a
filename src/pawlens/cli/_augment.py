"""``pawlens augment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._options import AsJson, PathColumn
from ._progress import Bars

__all__: list[str] = []


@app.command()
def augment(
    photos: Annotated[
        str, typer.Argument(help="The photos to show: a folder, a zip, a list or one photo.")
    ],
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The augmentation to show: none, flip, light, medium or strong. By default "
            "medium; with --set alone, none.",
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Another value for one change of the preset, as in rotate=20; repeat it for more. "
            "By default the preset's values stand.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("augment.html"),
    count: Annotated[
        int,
        typer.Option("--photos", min=1, max=100, help="How many photos to show, each in a row."),
    ] = 6,
    epochs: Annotated[
        int, typer.Option(min=1, max=30, help="How many epochs to show, each in a column.")
    ] = 7,
    seed: Annotated[
        int,
        typer.Option(
            min=0,
            help="The random seed; with that of a recipe, photos change as in its training.",
        ),
    ] = 0,
    path_column: PathColumn = None,
    as_json: AsJson = False,
) -> None:
    """Show how training varies photos. Writes a contact sheet, before anything is trained."""
    from ..photos import as_photos
    from ..workflows import augment as draw_sheet
    from ..workflows import make_augmentation

    values = make_augmentation(preset, _values(changes or []), option="--preset", setting="--set")
    name = preset or (None if changes else "medium")
    table = as_photos(photos, labels=False, path_column=path_column)
    with Bars(table) as bars:
        page = draw_sheet(
            table,
            name,
            values=values,
            out=out,
            count=count,
            epochs=epochs,
            seed=seed,
            progress=bars,
        )
    if as_json:
        print_json({"page": str(page)} | values.model_dump())
    else:
        print(f"page  {page}")


def _values(changes: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts."""
    return {name: value for name, _, value in (change.partition("=") for change in changes)}
