"""``pawlens prove``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json
from ._options import (
    AsJson,
    CacheDir,
    Group,
    GroupAlike,
    GroupName,
    LabelColumn,
    Labelled,
    PathColumn,
    WeightsDir,
)
from ._photos import read_photos, tell_notes
from ._progress import Bars

__all__: list[str] = []


@app.command()
def prove(
    photos: Labelled,
    augment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|VALUES",
            help="The augmentation to prove: a preset, or values such as flip=0.5,rotate=20; "
            "repeat it to compare several. By default flip, light, medium and strong.",
        ),
    ] = None,
    backbone: Annotated[
        str, typer.Option(help="The frozen backbone: paw, a name of timm, or an ONNX file.")
    ] = "paw",
    weights_dir: WeightsDir = None,
    copies: Annotated[
        int, typer.Option(min=1, max=50, help="How many varied copies of each photo train too.")
    ] = 2,
    folds: Annotated[
        int,
        typer.Option(
            min=2,
            max=50,
            help="How many folds the photos are dealt into; each is answered by a model that was "
            "fitted on the others.",
        ),
    ] = 5,
    seeds: Annotated[
        int, typer.Option(min=1, max=20, help="How many times photos are dealt into folds anew.")
    ] = 2,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("augmentation.html"),
    cache_dir: CacheDir = None,
    group: Group = None,
    group_name: GroupName = None,
    group_alike: GroupAlike = False,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Prove whether augmentations help.

    Trains with and without each, on the same folds and seeds.
    """
    from ..pages import in_words
    from ..workflows import prove as prove_augmentations

    table = read_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        proof = prove_augmentations(
            table,
            augment or ["flip", "light", "medium", "strong"],
            out=out,
            backbone=backbone,
            copies=copies,
            folds=folds,
            seeds=seeds,
            weights_dir=weights_dir,
            cache_dir=cache_dir,
            group_alike=group_alike,
            progress=bars,
        )
    tell_notes(proof.table.notes, table)
    if as_json:
        arms = [arm.as_json() for arm in (proof.plain, *proof.arms)]
        print_json({"page": str(out), "photos": len(proof.rows), "arms": arms})
        return
    print(f"plain: log loss {proof.plain.metrics['log_loss']:.4f}")
    for arm in proof.arms:
        print(f"{arm.name}: {in_words(arm)}")
    print(f"page  {out}")
