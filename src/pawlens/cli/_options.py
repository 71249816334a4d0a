"""Arguments and options that several commands have, each declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AsJson",
    "Backbones",
    "CacheDir",
    "Decisions",
    "Device",
    "Devices",
    "Group",
    "GroupAlike",
    "GroupName",
    "LabelColumn",
    "Labelled",
    "MovedPhotos",
    "OnCluster",
    "OnDevice",
    "PathColumn",
    "RecipeName",
    "RunFolder",
    "Seed",
    "Settings",
    "Shard",
    "TimeGiven",
    "Track",
    "WeightsDir",
]


class Device(StrEnum):
    """Where backbones may run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


Labelled = Annotated[
    str,
    typer.Argument(
        help="The labelled photos: a folder, a zip, shards (tar, Parquet) or a list (CSV, TSV, "
        "JSON, Parquet or plain text)."
    ),
]
PathColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The column of a list that has the photos. By default it is found by its name, such "
        "as path, file_name, image or id.",
    ),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[,NAME...]",
        help="The column of a list that has the labels, several columns of 0 and 1, or none. By "
        "default it is found by its name, such as label, class, breed or category.",
    ),
]
MovedPhotos = Annotated[
    str | None,
    typer.Option(
        help="The folder or zip where the photos are now, if they have moved. By default where the "
        "first run read them."
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        help="The recipe, which says how to train: a name (`pawlens recipes` lists them) or a YAML "
        "file. By default logistic regression on features of a frozen backbone."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Another value for a key of the recipe, as in phases.4.epochs=3; repeat it for more. "
        "By default the recipe's values stand.",
    ),
]
Backbones = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="The backbone, which turns photos into features: paw, a network of timm as "
        "NAME[.TAG][@SIZE], an ONNX file, or SOURCE:NAME of a package. Repeat it to put the "
        "features of several side by side. By default as the recipe says, or paw.",
    ),
]
WeightsDir = Annotated[
    Path | None,
    typer.Option(
        help="A folder with the weights of backbones as NAME[.TAG].safetensors. By default "
        "weights are downloaded when they are first needed; with a folder nothing is downloaded."
    ),
]
Devices = Annotated[
    int,
    typer.Option(
        min=1,
        max=64,
        help="How many processes or GPUs share each batch of a recipe that trains a network.",
    ),
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        metavar="mlflow|tensorboard",
        help="The experiment tracker that settings, figures, curves and files are logged to when "
        "the run is done; repeat it for both. Without it nothing is logged.",
    ),
]
OnDevice = Annotated[
    Device,
    typer.Option(help="Where networks run: auto takes a GPU where torch finds one, else the CPU."),
]
TimeGiven = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="90s|10m|1h",
        help="A time for the whole job, in which backbones are chosen by what they do on these "
        "photos: among those that --backbone names, else among all that are at hand. By default "
        "nothing is chosen; --backbone auto chooses in 10m.",
    ),
]
CacheDir = Annotated[
    Path | None,
    typer.Option(
        help="A folder for features, scans and converted weights, so that they are computed once. "
        "By default $PAWLENS_CACHE, or the user's cache folder, which `pawlens doctor` names."
    ),
]
Decisions = Annotated[
    Path | None,
    typer.Option(
        help="The audit folder, or a decisions.jsonl, that says which photos to drop, relabel or "
        "trim. By default every photo trains as it is."
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN|folder|burst",
        help="What photos of one subject, camera, burst or video have in common, so that they are "
        "never on both sides of a split: a column of the list; folder, the one beneath the class "
        "folder, as in class/animal/photo; or burst, photos that one camera took within 3 seconds. "
        "By default the column `group` of a list, where it has one.",
    ),
]
GroupName = Annotated[
    str | None,
    typer.Option(
        metavar="PATTERN",
        help="The same by the names of files: a regular expression whose part in parentheses names "
        r"the group, as in '(\w+)_\d+'; with a slash it is searched for in the whole path. By "
        "default names say nothing of groups.",
    ),
]
GroupAlike = Annotated[
    bool,
    typer.Option(
        "--group-alike",
        help="Also keep pictures together that are cut-outs of each other, found by features of "
        "paw. Without it copies alone are, and cut-outs in several folds are counted.",
    ),
]
RunFolder = Annotated[
    Path | None,
    typer.Option(
        help="The run folder to write; an unfinished run in it goes on. By default runs/NAME, "
        "named after the photos, or the next free name."
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0, max=2**32 - 1, help="The random seed of the bootstrap behind the intervals."
    ),
]
OnCluster = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ray[:ADDRESS]",
        help="Do all parts on the nodes of a Ray cluster, into a folder of --out; `pawlens merge` "
        "joins them. Needs pawlens[ray]. Without it, on this machine.",
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Do one part of the photos alone, as 3/64, the third of 64, into a folder of --out, "
        "so that many machines share the work; `pawlens merge` joins the parts. Without it, all.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON, for programs. Without it, text for people."),
]
