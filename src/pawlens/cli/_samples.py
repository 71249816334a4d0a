"""``pawlens samples``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json, say
from ._options import AsJson
from ._progress import Bars

__all__: list[str] = []


@app.command()
def samples(
    folder: Annotated[Path, typer.Argument(help="The folder to draw into, empty or new.")],
    count: Annotated[
        int, typer.Option(max=1_000_000, help="How many training pictures to draw.")
    ] = 400,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=2**32 - 1, help="The random seed; the same draws the same pictures."
        ),
    ] = 0,
    flaws: Annotated[
        bool,
        typer.Option(help="Whether to plant flaws, such as wrong labels, and list them."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Draw pictures of cats and dogs to try things on. An eighth as many more are to test on."""
    from ..samples import draw_samples

    with Bars() as bars:
        draw_samples(folder, count=count, seed=seed, flaws=flaws, progress=bars)
    truth = folder / "truth.json"
    if as_json:
        print_json({"folder": str(folder), "pictures": count, "truth": str(truth)})
    else:
        say(f"drew {count} pictures into {folder}; what they truly show is in {truth}")
