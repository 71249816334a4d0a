"""``pawlens tune``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ._app import app, print_json
from ._options import (
    AsJson,
    Backbones,
    CacheDir,
    Decisions,
    Group,
    GroupAlike,
    GroupName,
    LabelColumn,
    Labelled,
    PathColumn,
    RunFolder,
    Settings,
    WeightsDir,
)
from ._photos import read_photos
from ._progress import Bars
from ._train import describe

if TYPE_CHECKING:
    from ..runs import Run

__all__: list[str] = []


@app.command()
def tune(
    photos: Labelled,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="The recipe, a name or a YAML file, with a phase `do: search`. By default one "
            "that only searches a head."
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="How many trials to run, in all processes together. By default as the recipe "
            "says, or 100.",
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="dense|mlp",
            help="The head to search: dense, one linear layer, or mlp, with hidden layers too. By "
            "default as the recipe says, or dense.",
        ),
    ] = None,
    sampler: Annotated[
        str | None,
        typer.Option(
            metavar="tpe|random",
            help="How values are drawn: tpe learns from the trials so far, random does not. By "
            "default as the recipe says, or tpe.",
        ),
    ] = None,
    pruner: Annotated[
        str | None,
        typer.Option(
            metavar="none|asha",
            help="Which trials end early (are pruned): asha ends those that are behind, none lets "
            "all go on. By default as the recipe says, or none.",
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            help="The file, or the URL of a database, in which several processes share the trials. "
            "By default they are kept in the run folder."
        ),
    ] = None,
    settings: Settings = None,
    backbone: Backbones = None,
    weights_dir: WeightsDir = None,
    out: RunFolder = None,
    decisions: Decisions = None,
    cache_dir: CacheDir = None,
    group: Group = None,
    group_name: GroupName = None,
    group_alike: GroupAlike = False,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    as_json: AsJson = False,
) -> None:
    """Search for the best values, and train with them.

    They are those of a head, which turns features into an answer, or of a recipe.
    """
    from ..workflows import tune as search

    table = read_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        run = search(
            table,
            out,
            recipe=recipe,
            trials=trials,
            head=head,  # type: ignore[arg-type]
            sampler=sampler,  # type: ignore[arg-type]
            pruner=pruner,  # type: ignore[arg-type]
            settings=settings,
            backbones=backbone,
            storage=storage,
            decisions=decisions,
            weights_dir=weights_dir,
            cache_dir=cache_dir,
            group_alike=group_alike,
            progress=bars,
        )
    if as_json:
        print_json({"run": str(run.path), **run.metrics})
        return
    _describe(run)


def _describe(run: Run) -> None:
    from ..metrics import Interval
    from ..pages import versus

    search = run.metrics["search"]
    best, trials = search["best"], search["trials"]
    pruned = sum(row["state"] == "pruned" for row in trials)
    early = f", {pruned} of them ended early" if pruned else ""
    loss = "out-of-fold" if "against_default" in search else "validation"
    print(
        f"{len(trials)} trials{early}; the best is trial {best['trial']}, chosen by its {loss} "
        f"loss {best['loss']:.4f}, which flatters it:"
    )
    for name, value in best["values"].items():
        print(f"  {name:18} {value:.4g}" if isinstance(value, float) else f"  {name:18} {value}")
    if "against_default" in search:
        found = search["against_default"]
        print(f"held out: {versus(found['log_loss'], found['difference'])}")
        right, gap = found["accuracy"], found["accuracy_difference"]
        print(
            f"held out: accuracy {Interval(**right['best']):.2%}, the default head on the same "
            f"photos {Interval(**right['default']):.2%}: {Interval(**gap):+.2p}"
        )
    describe(run)
