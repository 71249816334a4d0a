"""``pawlens embed``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json, say
from ._options import AsJson, OnCluster, Shard
from ._parts import do_all_parts, do_part
from ._predict import model_and_photos
from ._progress import Bars

__all__: list[str] = []


@app.command()
def embed(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PHOTOS...",
            help="The model, as a run folder or a model.onnx, then the photos: a folder, a zip, a "
            "list, or single ones. Without a model the features are those of paw.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="The file to write: FILE.parquet, or FILE.npy with the paths in FILE.csv."
        ),
    ] = Path("features.parquet"),
    shard: Shard = None,
    on: OnCluster = None,
    as_json: AsJson = False,
) -> int:
    """Write the features of photos as a table.

    They are for search, or for models of your own; every photo has a row.
    """
    from ..models import check_ending
    from ..photos import as_photos
    from ..workflows import embed as compute

    if shard is None and on is None:
        check_ending(out)  # before any photo is read
    model, photos = model_and_photos(sources)
    if on is not None:
        return do_all_parts("embed", photos, on, out, model, as_json=as_json)
    table = as_photos(photos[0] if len(photos) == 1 else photos, labels=False)
    if shard is not None:
        return do_part("embed", table, shard, out, model, as_json=as_json)
    with Bars(table) as bars:
        found = compute(table, model, progress=bars)
    files = found.save(out)
    if as_json:
        told = {"photos": len(found), "width": found.values.shape[1]}
        print_json(told | {"unreadable": found.unreadable, "files": [str(file) for file in files]})
    else:
        for file in files:
            print(f"{file}  {file.stat().st_size:,} bytes")
    for path, status in found.unreadable:
        say(f"pawlens: {path}: {status}")
    return 2 if found.unreadable else 0
