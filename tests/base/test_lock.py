"""Locked folders: one writer at a time, and a dead one is in nobody's way."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pawlens.base import LOCK, in_use
from pawlens.errors import FolderInUse, RunError

HOLDER = """
import sys, time
from pathlib import Path
from pawlens.base import in_use
with in_use(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_other_process_is_named_and_a_dead_one_does_not_block(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with holder(folder) as process:
        try:
            with pytest.raises(FolderInUse) as caught, in_use(folder):
                pass
            said = str(caught.value)
            assert f"(process {process.pid} on {platform.node()}, since 20" in said
            assert str(folder) in said
            assert "\n" not in said
        finally:
            process.send_signal(signal.SIGKILL)
    assert (folder / LOCK).exists()
    with in_use(folder):
        assert str(os.getpid()) in (folder / LOCK).read_text()
    assert list(folder.iterdir()) == []  # the other process made it, so it stays


def test_a_folder_is_held_within_a_process_too(tmp_path: Path) -> None:
    with in_use(tmp_path), pytest.raises(FolderInUse), in_use(tmp_path):
        pass
    with in_use(tmp_path):
        pass


def test_a_lock_file_that_says_nothing(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"process": 1}'):
        with in_use(tmp_path):
            (tmp_path / LOCK).write_text(text)
            with (
                pytest.raises(FolderInUse, match="another process writes there;"),
                in_use(tmp_path),
            ):
                pass


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot be"), in_use(tmp_path / "run"):
        pass
