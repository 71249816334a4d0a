"""``kill -9`` at any moment, the same command again, the same result."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PHOTOS = 820  # three full shards of features and a part of one
KILLS = 10
STARTS = 25  # on a busy machine a run may end before its kill lands; that one does not count
PATIENCE = 300.0
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

Stamp = tuple[int, int, int]
Features = dict[bytes, bytes]


class Work:
    """One training command, its run folder and its cache, started as often as it takes."""

    def __init__(self, photos: Path, folder: Path) -> None:
        self.run, self.cache = folder / "run", folder / "cache"
        self._photos = photos

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "pawlens", "train", str(self._photos)]
        command += ["--out", str(self.run), "--cache-dir", str(self.cache)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self) -> None:
        _, errors = (process := self.start()).communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors.decode()

    @property
    def finished(self) -> bool:
        return (self.run / "report.html").exists()

    def files(self, pattern: str) -> dict[Path, Stamp]:
        """Which files are there, and which of them were written anew."""
        found = {}
        for root in (self.cache, self.run):
            for path in root.glob(pattern):
                try:
                    facts = path.stat()
                except FileNotFoundError:
                    continue
                found[path] = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
        return found

    def shards(self) -> list[Features]:
        """Features by content, of each shard."""
        from safetensors.numpy import load_file

        found = []
        for path in sorted(self.cache.glob("features/*/*.safetensors")):
            shard = load_file(path)
            pairs = zip(shard["keys"], shard["features"], strict=True)
            found.append({key.tobytes(): row.tobytes() for key, row in pairs})
        return found


def moments(work: float) -> Iterator[tuple[str, float]]:
    """After which file changes to kill, and up to how many seconds later, over and over.

    `work` is how long the head, the evaluation and the export take.
    """
    shard = "features/*/*.safetensors"
    extraction = [("recipe.yaml", 0.5), (shard, 0.1), (shard, 0.3), (shard, 0.1)]
    training = [("recipe.yaml", 0.7 * work)] * 3 + [("model.onnx", 0.0), ("oof.parquet", 0.0)]
    yield from extraction
    yield from itertools.cycle([*training, ("recipe.yaml", 0.9 * work)])


def kill(work: Work, pattern: str, delay: float) -> bool:
    """Start, and kill without warning `delay` seconds after a file changes; whether it landed."""
    before, process = work.files(pattern), work.start()
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and work.files(pattern) == before:
        assert time.monotonic() < deadline, f"{pattern} never changed"
        time.sleep(0.002)
    time.sleep(delay)
    process.kill()
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode in (-9, 0), errors.decode()
    return process.returncode == -9


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_killed_ten_times(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos = photo_folder(cat=PHOTOS // 2, dog=PHOTOS // 2)
    whole, broken = Work(photos, tmp_path / "whole"), Work(photos, tmp_path / "broken")
    whole.finish()
    seconds = json.loads((whole.run / "environment.json").read_text())["seconds"]
    rest = seconds["head"] + seconds["evaluation"] + seconds["export"]

    rng, landed, early = random.Random(0), 0, []
    for pattern, longest in itertools.islice(moments(rest), STARTS):
        landed += kill(broken, pattern, rng.uniform(0, longest))
        if broken.finished:
            early.append(broken.run)
            broken.run = broken.run.with_name(f"run-{len(early)}")
        if landed == KILLS:
            break
    assert landed == KILLS
    broken.finish()

    assert json.loads((broken.run / "environment.json").read_text())["extracted"] == 0
    shards = broken.shards()
    features = {key: row for shard in shards for key, row in shard.items()}
    assert sum(map(len, shards)) == len(features) == PHOTOS, "some photo was extracted twice"
    assert features == {key: row for shard in whole.shards() for key, row in shard.items()}
    for run in (*early, broken.run):
        for name in SAME:
            assert (run / name).read_bytes() == (whole.run / name).read_bytes(), name
