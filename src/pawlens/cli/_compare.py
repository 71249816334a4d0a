"""``pawlens compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ._app import app, print_json, say
from ._options import AsJson, MovedPhotos, Seed
from ._progress import Bars

__all__: list[str] = []


@app.command()
def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN RUN...", help="The run folders of two or more finished runs."),
    ],
    against: Annotated[
        Path | None,
        typer.Option(
            help="The run that the others are compared with. By default the one of least log loss."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="The page to write, or a folder for compare.html.")
    ] = Path("compare.html"),
    photos: MovedPhotos = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Say which run is better, and whether that is real. Prints a table and writes a page."""
    from ..workflows import compare as compare_runs

    with Bars() as bars:
        comparison = compare_runs(runs, against=against, seed=seed, progress=bars)
        page = comparison.write(out, photos=photos, progress=bars)
    for note in comparison.notes:
        say(f"note: {note}")
    if as_json:
        print_json({"page": str(page)} | comparison.to_json())
        return
    _show(comparison)
    for words in comparison.in_words():
        print(words)
    print(f"page  {page}")


def _show(comparison: Any) -> None:
    count = len(comparison.joined.y)
    print(f"{count} photos that all answered without training on them, 95 % intervals:")
    width = max(len(name) for name in comparison.names)
    print(f"  {'':{width}}  {'log loss':25}  {'accuracy':26}  {'model':>9}  {'time':>8}")
    for name, metrics, cost in zip(
        comparison.names, comparison.metrics, comparison.costs, strict=True
    ):
        loss, hits = metrics["log_loss"], metrics["accuracy"]
        print(
            f"  {name:{width}}  {f'{loss:.4f}':25}  {f'{hits:.2%}':26}  {cost.megabytes:6.1f} MB"
            f"  {cost.seconds:6.0f} s"
        )
    always = comparison.baseline
    print(
        f"without a look at a photo: {always.in_words()}; shares of the classes alone: "
        f"log loss {always.log_loss:.4f}"
    )
