"""``pawlens tune``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ._app import app, print_json
from ._options import Backbones, CacheDir, Labelled, WeightsDir
from ._progress import Bars
from ._train import describe

if TYPE_CHECKING:
    from ..recipes import Recipe
    from ..runs import Run

__all__: list[str] = []


@app.command()
def tune(
    photos: Labelled,
    recipe: Annotated[
        str | None,
        typer.Option(help="With a phase `do: search`; by default 100 heads on the bundled paw."),
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="How many, in all processes.")] = None,
    head: Annotated[str | None, typer.Option(help="dense, or mlp: hidden layers too.")] = None,
    sampler: Annotated[str | None, typer.Option(help="tpe or random.")] = None,
    pruner: Annotated[str | None, typer.Option(help="none or asha.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(help="A file or a database URL that processes share; else the run folder."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="KEY=VALUE of the recipe, as phases.0.epochs=50; repeat it."),
    ] = None,
    backbone: Backbones = None,
    weights_dir: WeightsDir = None,
    out: Annotated[Path | None, typer.Option(help="The run folder.")] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="An audit's folder, or a decisions.jsonl, to apply.")
    ] = None,
    cache_dir: CacheDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Search for the best values of a head, or of a recipe, and train with them."""
    from .. import Classifier, Photos

    given = {"trials": trials, "head": head, "sampler": sampler, "pruner": pruner}
    classifier = Classifier(
        backbone or None,
        recipe=_searching(recipe, {k: v for k, v in given.items() if v is not None}, settings),
        weights_dir=weights_dir,
        cache_dir=cache_dir,
        storage=storage,
    )
    classifier.resolved_recipe()  # a wrong value is told before any photo is read
    with Bars() as bars:
        run = classifier.fit(Photos.read(photos), out, decisions=decisions, progress=bars)
    if as_json:
        print_json({"run": str(run.path), **run.metrics})
        return
    _describe(run)


def _searching(name: str | None, given: dict[str, Any], settings: list[str] | None) -> Recipe:
    """The recipe with what the options say put into its search."""
    from ..recipes import Recipe, Search, override, read_recipe

    if name is None:
        recipe = Recipe.parse({"phases": [{"do": "search"} | given]}, "options")
        return override(recipe, settings or ())
    recipe = override(read_recipe(name), settings or ())
    number = next(iter(recipe.phases_of(Search)), None)
    if number is None:
        raise UsageError(
            f"recipe {name}: none of its phases is a search; add {{do: search}}, or take "
            "b-fused-search"
        )
    values = recipe.model_dump()
    values["phases"][number] |= given
    return Recipe.parse(values, "options")


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
