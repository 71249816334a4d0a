"""``pawlens export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json

__all__: list[str] = []


@app.command()
def export(
    run: Annotated[
        Path | None, typer.Argument(help="A finished run, or a model.onnx of pawlens.")
    ] = None,
    to: Annotated[
        str, typer.Option(help="What to write: onnx, or an exporter of an installed package.")
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option(help="A new or an empty folder; exported/NAME in the run folder by default."),
    ] = None,
    targets: Annotated[
        bool, typer.Option("--list", help="Only list what --to may name, and stop.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Write a trained model for another program: its graph, its classes, and what it expects."""
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
