"""``pawlens experiments``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._options import (
    AsJson,
    CacheDir,
    Device,
    Group,
    GroupAlike,
    GroupName,
    LabelColumn,
    Labelled,
    OnDevice,
    PathColumn,
    RecipeName,
    Settings,
    WeightsDir,
)
from ._photos import read_photos, tell_notes
from ._progress import Bars

__all__: list[str] = []


@app.command()
def experiments(
    photos: Labelled,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY=VALUE,VALUE",
            help="A key of the recipe and the values to try, as in phases.3.rate=1e-4,1e-3; repeat "
            "it to train every combination.",
        ),
    ],
    recipe: RecipeName = None,
    settings: Settings = None,
    backbone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The backbone of every run; repeat it to put the features of several side by "
            "side. By default as the recipe says, or paw.",
        ),
    ] = None,
    weights_dir: WeightsDir = None,
    out: Annotated[Path, typer.Option(help="The folder for the runs and the page.")] = Path(
        "experiments"
    ),
    device: OnDevice = Device.AUTO,
    cache_dir: CacheDir = None,
    group: Group = None,
    group_name: GroupName = None,
    group_alike: GroupAlike = False,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Train a recipe at every combination of some values.

    Writes a run for each, and a page for all.
    """
    from ..workflows import EXPERIMENTS_PAGE
    from ..workflows import experiments as run_all

    table = read_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        found = run_all(
            table,
            vary,
            recipe=recipe,
            settings=settings,
            backbones=backbone,
            out=out,
            weights_dir=weights_dir,
            cache_dir=cache_dir,
            device=device.value,
            group_alike=group_alike,
            progress=bars,
        )
    page = out / EXPERIMENTS_PAGE
    tell_notes(found.best.run.metrics["notes"], table)
    if as_json:
        print_json({"page": str(page), "points": [point.as_json() for point in found.points]})
        return
    width = max(len(point.name) for point in found.points)
    for point in found.points:
        loss = point.run.out_of_fold["log_loss"]
        gap = point.to_best.log_loss if point.to_best else None
        note = f"{gap:+.4f}" if gap else ""
        note = "the best" if point.run is found.best.run else note
        print(f"{point.name:{width}}  {loss:.4f}  {note}")
    print(f"page  {page}")
