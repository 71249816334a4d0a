"""``pawlens train``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ._app import app, print_json
from ._choice import print_choice
from ._metrics import print_labels, print_metrics
from ._options import (
    AsJson,
    Backbones,
    CacheDir,
    Decisions,
    Device,
    Devices,
    Group,
    GroupAlike,
    GroupName,
    LabelColumn,
    Labelled,
    OnDevice,
    PathColumn,
    RecipeName,
    RunFolder,
    Settings,
    TimeGiven,
    Track,
    WeightsDir,
)
from ._photos import read_photos
from ._progress import Bars
from ._trust_options import (
    Cost,
    Coverage,
    FalseAlarms,
    NeitherPhotos,
    Risk,
    Sets,
    SetsByClass,
    read_costs,
)

__all__ = ["describe"]

_SHOWN = 5

_Precision = Annotated[
    str | None,
    typer.Option(
        metavar="auto|f32|bf16|int8",
        help="The arithmetic of feature extraction: f32, bf16, int8, or auto, which takes bf16 "
        "where the processor has instructions for it, else f32. By default as the recipe says, or "
        "auto.",
    ),
]
_Folds = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER|given",
        help="How many folds the photos are dealt into; each is answered by a model that was "
        "fitted on the others. given takes the folders fold1, fold2 or the list's column fold. By "
        "default as the recipe says, or 5.",
    ),
]
_Seed = Annotated[
    int | None,
    typer.Option(
        help="The random seed of folds, training and intervals; the same seed gives the same "
        "result. By default as the recipe says, or 0."
    ),
]
_ClassWeights = Annotated[
    str | None,
    typer.Option(
        metavar="none|balanced",
        help="Whether photos of rare classes count more: balanced, or none. By default as the "
        "recipe says, or none.",
    ),
]
_Labels = Annotated[
    str | None,
    typer.Option(
        metavar="one|several",
        help="How many labels a photo may have: one, or several at once. By default as the recipe "
        "says, or one.",
    ),
]
_Clip = Annotated[
    str | None,
    typer.Option(
        metavar="auto|NUMBER",
        help="How far probabilities are kept from 0 and 1: a number such as 0.005, 0 for not at "
        "all, or auto, which chooses it by log loss. By default as the recipe says, or auto.",
    ),
]
_Borders = Annotated[
    str | None,
    typer.Option(
        metavar="keep|trim",
        help="What becomes of large plain borders: trim cuts them off every photo, here and in the "
        "model; keep leaves them. By default as the recipe says, or keep.",
    ),
]
_Clean = Annotated[
    str | None,
    typer.Option(
        metavar="none|auto",
        help="What becomes of photos whose label looks wrong: auto leaves them out of training if "
        "that helps; none keeps them. By default as the recipe says, or none.",
    ),
]


@app.command()
def train(
    photos: Labelled,
    recipe: RecipeName = None,
    settings: Settings = None,
    backbone: Backbones = None,
    weights_dir: WeightsDir = None,
    out: RunFolder = None,
    time: TimeGiven = None,
    precision: _Precision = None,
    folds: _Folds = None,
    seed: _Seed = None,
    class_weights: _ClassWeights = None,
    labels: _Labels = None,
    clip: _Clip = None,
    borders: _Borders = None,
    clean: _Clean = None,
    sets: Sets = None,
    sets_by_class: SetsByClass = None,
    risk: Risk = None,
    coverage: Coverage = None,
    cost: Cost = None,
    false_alarms: FalseAlarms = None,
    neither: NeitherPhotos = None,
    decisions: Decisions = None,
    device: OnDevice = Device.AUTO,
    devices: Devices = 1,
    cache_dir: CacheDir = None,
    no_cache: Annotated[
        bool,
        typer.Option(
            "--no-cache",
            help="Remove features and scans when the run is done. Without it they are kept for the "
            "next run.",
        ),
    ] = False,
    group: Group = None,
    group_name: GroupName = None,
    group_alike: GroupAlike = False,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
    track: Track = None,
    as_json: AsJson = False,
) -> None:
    """Train a classifier. Writes a run folder with the report, the numbers and model.onnx."""
    from ..workflows import as_recipe, check_tracker
    from ..workflows import track as log_run
    from ..workflows.train import Classifier

    for tracker in track or ():
        check_tracker(tracker)
    values: dict[str, Any] = {
        "precision": precision,
        "folds": int(folds) if folds is not None and folds.isdecimal() else folds,
        "seed": seed,
        "class_weights": class_weights,
        "labels": labels,
        "clip": float(clip) if clip is not None and _is_number(clip) else clip,
        "borders": borders,
        "clean": clean,
        "sets": sets,
        "sets_by_class": sets_by_class,
        "risk": risk,
        "coverage": coverage,
        "costs": read_costs(cost) if cost else None,
        "neither": false_alarms,
    }
    classifier = Classifier(
        backbone or None,
        recipe=as_recipe(recipe, settings),
        weights_dir=weights_dir,
        cache_dir=False if no_cache else cache_dir,
        device=device.value,
        devices=devices,
        time=time,
        **values,
    )
    classifier.resolved_recipe()  # a wrong value is told before any photo is read
    table = read_photos(
        photos,
        group=group,
        group_name=group_name,
        path_column=path_column,
        label_column=label_column,
    )
    with Bars(table) as bars:
        run = classifier.fit(
            table,
            out,
            decisions=decisions,
            group_alike=group_alike,
            neither=neither,
            progress=bars,
        )
    logged = {tracker: log_run(run, tracker) for tracker in track or ()}
    if as_json:
        print_json({"run": str(run.path), **run.metrics} | ({"logged": logged} if logged else {}))
        return
    describe(run)
    for tracker, where in logged.items():
        print(f"logged  {tracker}: {where}")


def describe(run: Any) -> None:
    """Print what a run found."""
    from ..metrics import Interval
    from ..models import exact_in_words
    from ..pages import trust_lines

    counts = run.metrics["photos"]
    aside = counts.get("set aside", 0)
    print_choice(run.choice)
    used = sum(counts.get(part, 0) for part in ("train", "validates", "held out"))
    several = run.metrics.get("labels", {})
    kinds = "labels" if several else "classes"
    print(f"{used} photos in {len(run.classes)} {kinds}", end="")
    print(f", {aside} set aside:" if aside else "")
    table = run.photos("reason").to_pydict()
    reasons = [pair for pair in zip(table["path"], table["reason"], strict=True) if pair[1]]
    for path, reason in reasons[:_SHOWN]:
        print(f"  {path}: {reason}")
    if len(reasons) > _SHOWN:
        print(f"  ... and {len(reasons) - _SHOWN} more, named in the report")
    if any(reason.startswith("several labels:") for _, reason in reasons):
        print("  photos with several labels train with --labels several")
    if run.metrics["decisions"]:
        applied = (f"{count} {action}" for action, count in run.metrics["decisions"].items())
        print(f"decisions applied: {', '.join(applied)}")
    evaluated = run.metrics["evaluated"]
    standing = run.standing
    for split in standing.held_out:
        print(f"held-out {split.split}, {split.photos} photos, 95 % intervals:")
        shown = ("log_loss", standing.right)
        print_metrics({name: split.metrics[name] for name in shown}, split.baseline)
    print(f"{evaluated['on']}, {evaluated['photos']} photos, 95 % intervals:")
    print_metrics(run.out_of_fold, standing.baseline)
    print_labels(several)
    for note in standing.notes:
        print(f"note: {note}")
    if "test_time_augmentation" in run.metrics:
        found = run.metrics["test_time_augmentation"]
        loss, gap = found["log_loss"]["views"]["value"], Interval(**found["difference"])
        views = ", ".join(found["views"])
        print(f"with {views}: log loss {loss:.4f}, {gap:+.4f} against one look")
    if "cleaning" in run.metrics:
        print(f"cleaning: {run.metrics['cleaning']['in_words']}")
    for line in trust_lines(run.metrics.get("trust", {})):
        print(line)
    if exact := exact_in_words(run.parity):
        print(exact)
    print(f"report  {run.report_path}")
    print(f"model   {run.model_path}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
