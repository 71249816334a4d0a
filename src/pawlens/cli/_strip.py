"""``pawlens strip``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json, say
from ._options import AsJson
from ._progress import Bars

__all__: list[str] = []


@app.command()
def strip(
    photos: Annotated[str, typer.Argument(help="The photos: a folder, a zip or a list.")],
    out: Annotated[
        Path, typer.Option(help="The folder to write the copies to; nothing in it is overwritten.")
    ],
    as_json: AsJson = False,
) -> int:
    """Write copies of photos without metadata.

    They tell no place, no serial number and no name. JPEG, PNG, WebP and GIF keep their pixels as
    they are coded; other formats are saved anew as PNG.
    """
    from ..photos import as_photos
    from ..workflows import STRIPPED_TABLE
    from ..workflows import strip as write_copies

    table = as_photos(photos, labels=False)
    with Bars(table) as bars:
        rows = write_copies(table, out, progress=bars)
    lost = [row for row in rows if not row.file]
    if as_json:
        print_json({"folder": str(out), "photos": [asdict(row) for row in rows]})
    else:
        print(f"{len(rows) - len(lost)} of {len(rows)} photos copied to {out}")
        anew = sum(row.status == "saved anew" for row in rows)
        if anew:
            print(f"{anew} of them saved anew as PNG, since their format has no parts to leave out")
        for fact, count in Counter(fact for row in rows for fact in row.removed).most_common():
            print(f"removed: {fact}: {count} photos")
        print(f"table  {out / STRIPPED_TABLE}")
    for row in lost:
        say(f"pawlens: {row.path}: {row.status}")
    return 2 if lost else 0
