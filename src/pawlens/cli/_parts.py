"""``pawlens merge``, and what ``--shard`` of other commands does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._app import app, print_json, say
from ._options import AsJson
from ._progress import Bars

if TYPE_CHECKING:
    from ..models import ModelLike
    from ..photos import Photos
    from ..workflows.parts import PartJob

__all__ = ["do_all_parts", "do_part"]


@app.command()
def merge(
    parts: Annotated[Path, typer.Argument(help="The folder that --shard wrote the parts into.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The Parquet file to write. By default PARTS/merged.parquet."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Join the parts of --shard to one table.

    No row may be lost or doubled, which is checked.
    """
    from ..workflows.parts import merge as join

    with Bars() as bars:
        found = join(parts, out, progress=bars)
    if as_json:
        facts = {"file": str(found.path), "rows": found.rows, "parts": found.parts}
        print_json(facts | {"unreadable": found.unreadable})
        return
    print(f"{found.path}  {found.path.stat().st_size:,} bytes")
    print(f"{found.rows:,} photos of {found.parts} parts, {found.unreadable:,} unreadable")


def do_all_parts(
    job: PartJob, photos: list[str], on: str, out: Path, model: str, *, as_json: bool
) -> int:
    """Do all parts on a cluster; 1 where photos could not be fetched."""
    from ..workflows.parts import write_parts

    source = photos[0] if len(photos) == 1 else photos
    with Bars() as bars:
        done = write_parts(job, source, out, model=model, on=on, progress=bars)
    if as_json:
        print_json(
            {"folder": str(done.folder)} | {k: v for k, v in vars(done).items() if k != "folder"}
        )
    else:
        print(
            f"{done.folder}  {done.rows:,} photos in {done.parts:,} parts, "
            f"{done.unreadable:,} unreadable; pawlens merge {done.folder} joins them"
        )
    return _end(done.unreachable)


def do_part(
    job: PartJob, photos: Photos, shard: str, out: Path, model: ModelLike, *, as_json: bool
) -> int:
    """Do one part; 1 where photos could not be fetched, for a scheduler that tries again."""
    from ..workflows.parts import write_part

    with Bars(photos) as bars:
        done = write_part(job, photos, shard, out, model=model, progress=bars)
    if as_json:
        facts = {"folder": str(done.folder), "photos": done.rows, "computed": done.computed}
        print_json(facts | {"unreadable": done.unreadable, "unreachable": done.unreachable})
    else:
        print(f"{done.folder}  {done.rows:,} photos, {done.unreadable:,} unreadable")
    return _end(done.unreachable)


def _end(unreachable: int) -> int:
    if unreachable:
        say(
            f"pawlens: {unreachable:,} photos could not be fetched; the same command tries them "
            "again"
        )
    return 1 if unreachable else 0
