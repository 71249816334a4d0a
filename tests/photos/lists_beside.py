"""Empty photos by name, lists beside them, and what is read of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pawlens.photos import Photos

FOLDERS = [f"{pet}/{pet}{number}.jpg" for pet in ("cat", "dog") for number in range(6)]
NAMES = [f"{pet}.{number}.jpg" for pet in ("cat", "dog") for number in range(6)]
BOTH = pytest.mark.parametrize("paths", [FOLDERS, NAMES], ids=["folders", "names"])
PETS = ("cat", "dog")
TRAIN = {
    "folders": [f"train/{pet}/{number}.jpg" for pet in PETS for number in range(4)],
    "names": [f"train/{pet}.{number}.jpg" for pet in PETS for number in range(4)],
}


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def write(folder: Path, name: str, *rows: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(rows) + "\n")
    return folder


def labels(photos: Photos) -> dict[str, str | None]:
    return {photo.path: photo.label for photo in photos}


def reasons(photos: Photos) -> dict[str, str]:
    return {one.path: one.reason for one in photos.skipped}


def told(paths: Sequence[str]) -> dict[str, str | None]:
    return {path: path[:3] for path in paths}
