"""``kill -9`` at any moment, the same command again, the same result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PHOTOS = 210  # three full shards of features and a part of one
KILLS = 10
PATIENCE = 600.0  # seconds for all kills together; idle they take a twentieth of that
SAME = (
    "classes.json",
    "history.jsonl",
    "metrics.json",
    "model.onnx",
    "oof.parquet",
    "parity.json",
    "photos.parquet",
    "recipe.yaml",
)

Features = dict[bytes, bytes]


def shards(cache: Path) -> list[Features]:
    """Features by content, of each shard."""
    from safetensors.numpy import load_file

    found = []
    for path in sorted(cache.glob("features/*/*.safetensors")):
        shard = load_file(path)
        pairs = zip(shard["keys"], shard["features"], strict=True)
        found.append({key.tobytes(): row.tobytes() for key, row in pairs})
    return found


def python(module: str, *arguments: object) -> str:
    """What a module prints."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    root = Path(__file__).parents[1]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def train(photos: Path, folder: Path) -> Path:
    """Run the command to its end; the run."""
    run = folder / "run"
    python("pawlens", "train", photos, "--out", run, "--cache-dir", folder / "cache")
    return run


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_killed_ten_times(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos = photo_folder(cat=PHOTOS // 2, dog=PHOTOS // 2)
    broken = tmp_path / "broken"
    broken.mkdir()
    told = json.loads(python("tests.killed_commands", photos, broken).splitlines()[-1])
    assert told["landed"] == KILLS
    again, whole = train(photos, broken), train(photos, tmp_path / "whole")

    assert json.loads((again / "environment.json").read_text())["extracted"] == 0
    rows = shards(broken / "cache")
    features = {key: row for shard in rows for key, row in shard.items()}
    assert sum(map(len, rows)) == len(features) == PHOTOS, "some photo was extracted twice"
    assert features == {
        key: row for shard in shards(tmp_path / "whole" / "cache") for key, row in shard.items()
    }
    early = sorted(broken.glob("run-*"))
    assert len(early) == told["early"]
    for run in (*early, again):
        for name in SAME:
            assert (run / name).read_bytes() == (whole / name).read_bytes(), name
