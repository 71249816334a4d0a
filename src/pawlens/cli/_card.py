"""``pawlens card``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._options import AsJson

__all__: list[str] = []


@app.command()
def card(
    run: Annotated[Path, typer.Argument(help="The run folder whose papers are written.")],
    name: Annotated[
        str | None,
        typer.Option(help="What the photos are called. By default as their folder or archive."),
    ] = None,
    licence: Annotated[
        str, typer.Option(help="The licence of the photos. Without it the cards say not stated.")
    ] = "",
    creator: Annotated[
        str, typer.Option(help="Who made the set of photos. Without it nobody is named.")
    ] = "",
    citation: Annotated[
        str, typer.Option(help="How to cite the set of photos. Without it there is no citation.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write a run's model card and the description of its photos.

    Both files are written anew, with what the options say of the photos.
    """
    from ..workflows import card as write

    files = write(run, name=name, licence=licence, creator=creator, citation=citation)
    if as_json:
        print_json({"files": [str(file) for file in files]})
        return
    for file in files:
        print(file)
