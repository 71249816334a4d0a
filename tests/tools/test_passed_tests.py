"""What passed in one environment is left out in another; what was skipped or failed is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest
from pathlib import Path

there = Path("torch").exists()

@pytest.mark.parametrize("name", ["a@b", "c]d"])
@pytest.mark.xdist_group("together")
def test_passes(name, worker_id): Path(f"by-{worker_id}").touch()

def test_passes_alone(): pass

@pytest.mark.skipif(not there, reason="no torch")
def test_skipped(): pass

def test_fails(): assert there
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_only_what_did_not_pass_runs_again(tmp_path: Path, workers: str) -> None:
    pytest.importorskip("xdist")
    (tmp_path / "test_it.py").write_text(TESTS)

    def run(*options: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "loadgroup"]
        command += ["-p", "tools.passed_tests", *options, "--rootdir", str(tmp_path), "test_it.py"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    passed = tmp_path / "passed.txt"
    assert "1 failed, 3 passed, 1 skipped" in run("--note-passed", str(passed))
    assert len(passed.read_text().splitlines()) == 3
    assert len([*tmp_path.glob("by-*")]) == 1, "a group was divided among workers"
    (tmp_path / "torch").touch()
    again = run("--passed-in", str(passed))
    assert "2 passed" in again
    assert "failed" not in again
