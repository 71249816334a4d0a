"""``pawlens audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import UsageError
from ._app import app, print_json, say
from ._options import (
    AsJson,
    CacheDir,
    Group,
    GroupName,
    LabelColumn,
    OnCluster,
    PathColumn,
    Shard,
    WeightsDir,
)
from ._parts import do_all_parts, do_part
from ._photos import tell_notes
from ._progress import Bars

__all__: list[str] = []


@app.command()
def audit(
    photos: Annotated[
        str, typer.Argument(help="The photos, labelled or not: a folder, a zip or a list.")
    ],
    backbone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The backbone whose features tell what looks alike: paw, a network of timm as "
            "NAME[.TAG][@SIZE], or an ONNX file. Repeat it for several. By default paw.",
        ),
    ] = None,
    weights_dir: WeightsDir = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The audit folder to write. By default audits/NAME, named after the photos."
        ),
    ] = None,
    cache_dir: CacheDir = None,
    auto: Annotated[
        bool,
        typer.Option(
            "--auto",
            help="Write the decisions of rules that were right on at least 95 of 100 photos where "
            "they were checked. Without it nothing is decided.",
        ),
    ] = False,
    group: Group = None,
    group_name: GroupName = None,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    shard: Shard = None,
    on: OnCluster = None,
    as_json: AsJson = False,
) -> int:
    """Find what may be wrong with photos. Writes a table and a page, and changes nothing."""
    from ..audit import AUDIT_PAGE
    from ..photos import as_photos, shortcut_notes
    from ..workflows import audit as audit_photos
    from ..workflows import decide_automatically

    if (shard is not None or on is not None) and (out is None or auto or backbone):
        raise UsageError(
            "--shard and --on want --out FOLDER, and measure photos one by one: without --auto and "
            "--backbone"
        )
    if on is not None and out is not None:
        return do_all_parts("audit", [photos], on, out, "", as_json=as_json)
    table = as_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    if shard is not None and out is not None:
        return do_part("audit", table, shard, out, "", as_json=as_json)
    folder = out if out is not None else Path("audits") / table.name
    with Bars(table) as bars:
        found = audit_photos(
            table,
            folder,
            backbones=backbone or "paw",
            weights_dir=weights_dir,
            cache_dir=cache_dir,
            progress=bars,
        )
    page = folder / AUDIT_PAGE
    decided = decide_automatically(folder) if auto else None
    if as_json:
        print_json(_facts(found, folder, page) | ({} if decided is None else {"decided": decided}))
        return 0
    for kind in found.kinds:
        if found.counts.get(kind.name) or (kind.weight and kind.name in found.detections):
            print(f"{kind.title:26} {found.counts[kind.name]:6,}  {_first(found, kind.name)}")
    tell_notes(found.notes, table)
    for note in shortcut_notes(found.shortcuts):
        print(f"note: {note}")
    for name, why in found.left_out.items():
        say(f"not looked for: {name.replace('_', ' ')}: {why}")
    for rule, count in (decided or {}).items():
        print(f"decided: {rule}: {count} photos")
    print(f"page  {page}")
    return 0


def _first(found: Any, kind: str) -> str:
    """The most suspicious photo of a kind, and why."""
    rows = found.rows(kind)
    if not len(rows):
        return ""
    row = int(rows[0])
    return f"{found.photos[row].path}: {found.detections[kind].why.get(row, '')}"


def _facts(found: Any, folder: Path, page: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "page": str(page),
        "photos": len(found.photos),
        "counts": found.counts,
        "left_out": found.left_out,
        "first": {kind: _first(found, kind) for kind, count in found.counts.items() if count},
        "shortcuts": [one.as_json() for one in found.shortcuts],
        "seconds": found.seconds,
    }
