"""A tiny network and photos that train in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from pawlens import Photos
from pawlens.backbones import Backbone, find_backbone
from pawlens.photos import prepare_table
from pawlens.recipes import Recipe
from pawlens.training import Data, Place

__all__ = ["backbone", "place", "prepared", "recipe"]

_FOLDERS: list[TemporaryDirectory[str]] = []  # they go when the process ends


def weights(folder: Path, name: str = "test_resnet") -> Path:
    """Random weights of one of timm's test networks, as a user's ``--weights-dir``."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = timm.create_model(name)
    folder.mkdir(exist_ok=True)
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(state, folder / f"{name}.safetensors")
    return folder


@cache
def backbone(name: str = "test_resnet", size: int = 32) -> Backbone:
    """The network as a backbone at a small size; converted once for all tests of a process."""
    folder = TemporaryDirectory(prefix="pawlens-tests-")
    _FOLDERS.append(folder)
    root = Path(folder.name)
    return find_backbone(
        f"{name}@{size}", weights_dir=weights(root / "weights", name), cache_dir=root
    )


def prepared(photos: Path, valid: int = 4) -> Data:
    """All photos of a folder, every `valid`-th validating."""
    table = prepare_table(Photos.read(photos), n_folds=2, seed=0)
    rows = np.arange(len(table.photos))
    return Data(
        photos=table.photos,
        keys=[scan.sha256 for scan in table.scans],
        labels=table.label,
        train=rows[rows % valid != 0],
        valid=rows[rows % valid == 0],
        classes=table.classes,
    )


def place(folder: Path, backbones: Sequence[Backbone], **options: object) -> Place:
    """Where a training of these backbones runs."""
    return Place(list(backbones), folder / "work", folder / "cache", **options)  # type: ignore[arg-type]


def recipe(*phases: dict[str, object], **fields: object) -> Recipe:
    """A recipe of these phases, behind a plain head."""
    return Recipe.parse({"phases": [{"do": "fuse"}, *phases], **fields}, "test")
