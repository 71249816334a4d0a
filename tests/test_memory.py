"""Memory does not grow with names for the same photos."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TIMES = 10
ALLOWED_MB = 100
# A child's ru_maxrss starts at its parent's size; VmHWM is its own.
FIT = """
import sys
from pathlib import Path
from pawlens import Classifier, Photos
Classifier(cache_dir=False).fit(Photos.read(sys.argv[1]), sys.argv[2])
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6)
"""


def peak_mb(photos: Path, run: Path) -> float:
    command = [sys.executable, "-c", FIT, str(photos), str(run)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's peak")
@pytest.mark.slow
def test_listed_ten_times(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = photo_folder(cat=150, dog=150)
    names = sorted(path.relative_to(folder) for path in folder.glob("*/*.jpg"))
    rows = ["path\tlabel"]
    peaks = []
    for i in range(TIMES):
        for name in names:
            link = folder / str(i) / name
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(folder / name, link)
            rows.append(f"{link.relative_to(folder)}\t{name.parts[0]}")
        if i in (0, TIMES - 1):
            listed = folder / f"{i}.tsv"
            listed.write_text("\n".join(rows))
            peaks.append(peak_mb(listed, tmp_path / f"run-{i}"))
    once, ten_times = peaks
    assert ten_times - once < ALLOWED_MB
