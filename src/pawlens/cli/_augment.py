"""``pawlens augment``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._progress import Bars

__all__: list[str] = []


@app.command()
def augment(
    photos: Annotated[str, typer.Argument(help="Folder, zip, list, or photo.")],
    preset: Annotated[
        str | None, typer.Option(help="none, flip, light, medium or strong; medium by default.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A single value, on top of --preset or of none; may be repeated.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The page.")] = Path("augment.html"),
    count: Annotated[int, typer.Option("--photos", min=1, max=100, help="Rows.")] = 6,
    epochs: Annotated[int, typer.Option(min=1, max=30, help="Columns.")] = 7,
    seed: Annotated[int, typer.Option(min=0, help="That of the recipe.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the values as JSON.")] = False,
) -> None:
    """Show how training varies photos: a contact sheet, before anything is trained."""
    from ..workflows import augment as draw_sheet
    from ..workflows import make_augmentation

    values = make_augmentation(preset, _values(changes or []), option="--preset", setting="--set")
    name = preset or (None if changes else "medium")
    with Bars() as bars:
        page = draw_sheet(
            photos,
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
