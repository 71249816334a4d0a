"""A search that is killed, and one that two processes share: every trial runs once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

from pawlens import Classifier, Photos, Recipe
from pawlens.errors import PhotosError

TRIALS = 12
PATIENCE = 300.0


def start(photos: Path, out: Path, *options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pawlens", "tune", photos, "--out", out, "--json"]
    command += ["--trials", TRIALS, "--set", "phases.0.together=2"]
    command += ["--set", "phases.0.epochs=60", "--set", "phases.0.patience=60", *options]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    out, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(out)
    return found


def ended(journal: Path) -> int:
    """Trials that a journal holds the end of."""
    if not journal.exists():
        return 0
    rows = [json.loads(line) for line in journal.read_bytes().splitlines()]
    return sum(row["op_code"] == 6 and row["state"] in (1, 2) for row in rows)


def wait_for(process: subprocess.Popen[bytes], journal: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while ended(journal) < count:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def once(search: dict[str, Any]) -> None:
    """Every trial is there, and no values twice."""
    assert len(search["trials"]) == TRIALS
    assert len({json.dumps(row["values"]) for row in search["trials"]}) == TRIALS


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.slow
def test_killed_half_way_and_resumed(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos, out = photo_folder(cat=40, dog=40), tmp_path / "run"
    process = start(photos, out)
    wait_for(process, out / "trials.journal", TRIALS // 2)
    process.kill()
    process.communicate(timeout=PATIENCE)
    before = ended(out / "trials.journal")
    assert TRIALS // 2 <= before < TRIALS
    found = finish(start(photos, out))
    once(found["search"])
    assert ended(out / "trials.journal") == TRIALS  # none of those before the kill ran again


def test_two_processes_share_a_search(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos, shared = photo_folder(cat=40, dog=40), tmp_path / "trials.journal"
    both = [start(photos, tmp_path / name, "--storage", shared) for name in ("one", "two")]
    one, two = (finish(process) for process in both)
    once(one["search"])
    assert one["search"] == two["search"]
    assert ended(shared) == TRIALS
    owners = re.findall(r'"worker":\s*"([^"]+)"', shared.read_text(encoding="utf-8"))
    assert len(owners) >= TRIALS


def test_too_few_folds(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    recipe = Recipe.parse({"folds": 2, "phases": [{"do": "search"}]}, "test")
    photos = Photos.read(photo_folder(cat=6, dog=6))
    with pytest.raises(PhotosError, match="2 folds; a search needs 3"):
        Classifier(recipe=recipe).fit(photos, tmp_path / "run")
