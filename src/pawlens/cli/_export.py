"""``pawlens export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json
from ._options import AsJson

__all__: list[str] = []


@app.command()
def export(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of a finished run, or a model.onnx of pawlens. Without it, "
            "only --list works."
        ),
    ] = None,
    to: Annotated[
        str, typer.Option(help="The exporter: onnx, or one of an installed package.")
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder to write, which must be new or empty. By default exported/NAME in the "
            "run folder."
        ),
    ] = None,
    targets: Annotated[
        bool,
        typer.Option("--list", help="List the names of --to and write nothing. Without it, write."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a trained model for another program. Beside it lie its classes and what it expects."""
    from ..workflows import export as write
    from ..workflows import exporters

    if targets:
        titles = exporters()
        if as_json:
            print_json(titles)
        else:
            for name, title in titles.items():
                print(f"{name:16} {title}")
        return
    if run is None:
        raise UsageError("name a finished run: pawlens export RUN (--list shows the targets)")
    files = write(run, to, out)
    if as_json:
        print_json([str(file) for file in files])
        return
    for file in files:
        print(f"{file}  {file.stat().st_size:,} bytes")
