"""Two processes that want one folder: one gets it, and what lies there is of that one alone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pawlens import Run
from pawlens.models import load

from .kill_points import EVERY_LINE
from .striped import fill

ROUNDS = 20 if EVERY_LINE else 1
PATIENCE = 300.0
REFUSED = ("another process writes there (process", "holds an unfinished run", "holds a finished")


def start(folder: Path, photos: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pawlens", "train", str(photos), *options]
    command += ["--cache-dir", str(folder / "cache"), "--set", "l2=[0.1]", "--folds", "2"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def both(folder: Path, delay: float, *options: str) -> list[tuple[int, str]]:
    """Train on two sets of photos of one name, one process `delay` seconds after the other."""
    processes = [start(folder, folder / "one" / "pets", *options)]
    time.sleep(delay)
    processes.append(start(folder, folder / "two" / "pets", *options))
    ended = []
    for process in processes:
        _, errors = process.communicate(timeout=PATIENCE)
        ended.append((process.returncode, errors))
    return ended


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("two")
    fill(base / "one" / "pets", 4)
    fill(base / "two" / "pets", 4, start=50)
    return base


def is_of_one_run(path: Path) -> bool:
    """Whether the model learnt from the photos that the table beside it lists."""
    run, model = Run(path), load(path)
    learnt, noted = run.learnt_from(), model.trained_on
    assert noted is not None
    return len(learnt) == 8 and all(sha256 in noted for sha256 in learnt)


@pytest.mark.timeout(900 + 100 * ROUNDS)
def test_one_of_two_gets_the_folder(folder: Path) -> None:
    draw = random.Random(0)
    for number in range(ROUNDS):
        out = folder / f"run-{number}"
        ended = both(folder, draw.choice([0.0, draw.uniform(0, 3)]), "--out", str(out))
        assert sorted(code for code, _ in ended) == [0, 2], ended
        (said,) = (errors for code, errors in ended if code == 2)
        assert any(words in said for words in REFUSED), said
        assert len(said.splitlines()) == 1
        assert is_of_one_run(out)


@pytest.mark.skipif(not EVERY_LINE, reason="minutes; PAWLENS_KILL_POINTS=all runs it")
@pytest.mark.timeout(900 + 100 * ROUNDS)
def test_two_default_runs_get_two_folders(folder: Path) -> None:
    for number in range(ROUNDS):
        assert [code for code, _ in both(folder, 0.0, "--seed", str(number))] == [0, 0]
    runs = sorted((folder / "runs").iterdir())
    assert len(runs) == 2 * ROUNDS
    assert all(map(is_of_one_run, runs))
