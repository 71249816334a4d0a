"""``pawlens explore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._progress import Bars

__all__: list[str] = []


@app.command()
def explore(
    photos: Annotated[str, typer.Argument(help="Folder, zip, or list of photos.")],
    out: Annotated[Path, typer.Option(help="The page.")] = Path("explore.html"),
    cache_dir: Annotated[Path | None, typer.Option(help="Where scans are kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Look before training: counts, sizes, shapes and samples, as one page."""
    from ..pages import headline, sentences
    from ..workflows import explore as explore_photos
    from ..workflows import figures

    with Bars() as bars:
        found = explore_photos(photos, out, cache_dir=cache_dir, progress=bars)
    if as_json:
        print_json({"page": str(out)} | figures(found))
        return
    for sentence in [headline(found.counts), *sentences(found)]:
        print(sentence)
    print(f"page  {out}")
