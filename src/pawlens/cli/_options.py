"""Arguments and options that several commands have, each declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Backbones",
    "CacheDir",
    "Device",
    "Labelled",
    "OnDevice",
    "RecipeName",
    "WeightsDir",
]


class Device(StrEnum):
    """Where backbones may run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


Labelled = Annotated[str, typer.Argument(help="Folder, zip, or list of labelled photos.")]
RecipeName = Annotated[
    str | None, typer.Option(help="A name (see `pawlens recipes`) or a YAML file.")
]
Backbones = Annotated[
    list[str] | None,
    typer.Option(
        help="paw, a timm name (NAME[.TAG][@SIZE]), an ONNX file, or SOURCE:NAME of a package; "
        "repeat to fuse."
    ),
]
WeightsDir = Annotated[
    Path | None,
    typer.Option(help="Folder with NAME[.TAG].safetensors; no network call is made."),
]
OnDevice = Annotated[Device, typer.Option(help="Where backbones run.")]
CacheDir = Annotated[Path | None, typer.Option(help="Where features are kept.")]
