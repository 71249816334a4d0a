"""``pawlens explore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._options import AsJson, CacheDir, Group, GroupName, LabelColumn, PathColumn
from ._progress import Bars

__all__: list[str] = []


@app.command()
def explore(
    photos: Annotated[
        str, typer.Argument(help="The photos, labelled or not: a folder, a zip or a list.")
    ],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("explore.html"),
    cache_dir: CacheDir = None,
    group: Group = None,
    group_name: GroupName = None,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Look at photos before training. Writes counts, sizes, shapes and samples as one page."""
    from ..pages import headline, sentences
    from ..photos import as_photos
    from ..workflows import explore as explore_photos
    from ..workflows import figures

    table = as_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        exploration = explore_photos(table, out, cache_dir=cache_dir, progress=bars)
    if as_json:
        print_json({"page": str(out)} | figures(exploration))
        return
    for sentence in [headline(exploration.counts), *sentences(exploration)]:
        print(sentence)
    print(f"page  {out}")
