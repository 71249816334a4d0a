"""``pawlens augment``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import RecipeError
from ._app import app, print_json
from ._options import AsJson
from ._progress import Bars

if TYPE_CHECKING:
    from ..recipes import Augment

__all__ = ["read_values"]


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
    as_json: AsJson = False,
) -> None:
    """Show how training varies photos. Writes a contact sheet, before anything is trained."""
    from .. import Photos
    from ..base import make_folder, write_atomic
    from ..pages import render_sheet

    values = read_values(preset, changes or [])
    name = preset or (None if changes else "medium")
    table = Photos.read(photos, labels=False)
    make_folder(out.parent)
    with Bars() as bars:
        page = render_sheet(
            table, values, preset=name, count=count, epochs=epochs, seed=seed, progress=bars
        )
    write_atomic(out, page.encode())
    if as_json:
        print_json({"page": str(out)} | values.model_dump())
    else:
        print(f"page  {out}")


def read_values(
    preset: str | None, changes: list[str], option: str = "--preset", setting: str = "--set"
) -> Augment:
    """A preset, or none, with single values put in; the options are named in errors."""
    from pydantic import ValidationError

    from ..recipes import AUGMENT_PRESETS, Augment

    base = preset or ("none" if changes else "medium")
    if base not in AUGMENT_PRESETS:
        raise RecipeError(f"{option}: unknown {base!r}; there are {', '.join(AUGMENT_PRESETS)}")
    given: dict[str, Any] = AUGMENT_PRESETS[base].model_dump()
    for change in changes:
        name, _, value = change.partition("=")
        if name not in given:
            raise RecipeError(f"{setting} {change}: unknown {name!r}; there are {', '.join(given)}")
        given[name] = value
    try:
        return Augment.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise RecipeError(f"{setting} {name}={given[name]}: {first['msg'].lower()}") from error
