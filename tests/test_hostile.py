"""Files that want to do harm: a sample of what ``benchmarks/hostile.py`` tries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "hostile.py"


@pytest.mark.skipif(not SCRIPT.exists(), reason="needs the benchmarks of the repository")
@pytest.mark.skipif(sys.platform != "linux", reason="the script reads memory from /proc")
def test_altered_photos_are_read_or_refused(tmp_path: Path) -> None:
    words = ["--photos", "150", "--graphs", "0", "--runs", "0", "--audits", "0"]
    done = subprocess.run(
        [sys.executable, SCRIPT, *words, "--keep", tmp_path],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'answered'" in done.stdout
    assert "'refused'" in done.stdout
