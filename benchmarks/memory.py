"""Peak memory of whole jobs on large, broken and many photos.

Each figure is the largest resident memory of a command and all its child processes, as /proc tells
it every 20 ms (and of one process alone, as the kernel counts it, where that is more).

- large: twelve photos of 6000 x 4000, a third of them PNG
- huge: two JPEGs, a progressive one and a PNG of 9400 x 9400, and a JPEG of 16320 x 12240
- mutants: 60 photos of any format, and 300 that were cut, overwritten or given another size
- few, tiny: 5,000 and 50,000 photos of 32 x 32, all different

Linux, with two processors unless --cores says otherwise:

    python benchmarks/memory.py [--sets large huge] [--jobs train predict] [--cores 2]
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from hostile_photos import mutant
from PIL import Image

ALLOWED_MB = 1500
JOBS = {
    "explore": ["explore", "{photos}", "--out", "{out}/explore.html"],
    "audit": ["audit", "{photos}", "--out", "{out}/audit"],
    "train": ["train", "{photos}", "--out", "{out}/run", "--folds", "2"],
    "predict": ["predict", "{photos}", "--out", "{out}/predicted.csv"],
    "explain": ["explain", "{photos}", "--out", "{out}/explained"],
    "evaluate": ["evaluate", "cats-vs-dogs", "{photos}", "--json"],
    "trim": ["train", "{photos}", "--out", "{out}/trimmed", "--borders", "trim", "--folds", "2"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=[*SETS], default=[*SETS])
    parser.add_argument("--jobs", nargs="+", choices=[*JOBS], default=[*JOBS])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder in which the sets stay")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="pawlens-memory-") as name:
        scratch = options.keep or Path(name)
        for chosen in options.sets:
            photos = scratch / chosen
            if not photos.exists():
                # The kernel counts the peak of what starts a process as that of the process.
                child = multiprocessing.get_context("spawn").Process(
                    target=SETS[chosen], args=(photos,)
                )
                child.start()
                child.join()
            out = Path(name) / "out" / chosen
            for job in options.jobs:
                row = {"set": chosen, "job": job} | measure(job, photos, out)
                found.append(row)
                mark = "" if row["mb"] < ALLOWED_MB else "  MORE THAN ALLOWED"
                print(
                    f"{chosen:8} {job:9} {row['mb']:6} MB {row['seconds']:7} s  exit {row['exit']}"
                    f"{mark}{row['last']}",
                    flush=True,
                )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measure(job: str, photos: Path, out: Path) -> dict[str, object]:
    """Run a command of pawlens; its peak, its time, and its last line where it failed."""
    out.mkdir(parents=True, exist_ok=True)
    words = [word.format(photos=photos, out=out) for word in JOBS[job]]
    environment = os.environ | {"PAWLENS_CACHE": str(out / f"cache-{job}")}
    start, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "pawlens", *words], stdout=said, stderr=said, env=environment
        )
        while (state := os.wait4(child.pid, os.WNOHANG))[0] == 0:
            peak = max(peak, _resident(child.pid))
            time.sleep(0.02)
        said.seek(0)
        lines = said.read().decode(errors="replace").split("\n")
    code = os.waitstatus_to_exitcode(state[1])
    failed = code not in (0, 2) or any("Traceback" in line for line in lines)
    return {
        "mb": round(max(peak, state[2].ru_maxrss * 1024) / 1e6),
        "seconds": round(time.perf_counter() - start, 1),
        "exit": code,
        "last": f"  {' '.join(lines[-3:])[:300]}" if failed else "",
    }


def _resident(pid: int) -> int:
    """Resident bytes of a process and of all below it."""
    total = 0
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
        total = int(pages) * os.sysconf("SC_PAGE_SIZE")
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(map(_resident, map(int, (task / "children").read_text().split())))
    except (OSError, IndexError):  # it has just ended
        pass
    return total


def drawn(width: int, height: int, seed: int) -> Image.Image:
    """Soft coloured patches, which any size has in no time."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (height // 200 + 2, width // 200 + 2, 3), np.uint8)
    return Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)


def _large(folder: Path) -> None:
    for i in range(12):
        kind, options = (".jpg", {}) if i % 3 else (".png", {"compress_level": 1})
        drawn(6000, 4000, i).save(_place(folder, i, kind), **options)


def _huge(folder: Path) -> None:
    for i in range(2):
        image = drawn(9400, 9400, i)
        image.save(_place(folder, i, ".jpg"))
        image.save(_place(folder, i + 2, ".jpg"), progressive=True, quality=60 + i)
        image.save(_place(folder, i + 4, ".png"), compress_level=1)
    Image.new("RGB", (16320, 12240), (90, 120, 60)).save(_place(folder, 6, ".jpg"), quality=60)


def _mutants(folder: Path) -> None:
    rng, kinds = np.random.default_rng(0), ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
    for i in range(60):
        sink = io.BytesIO()
        drawn(400, 300, i).save(sink, kinds[i % len(kinds)])
        _place(folder, i, ".jpg").write_bytes(sink.getvalue())
        for copy in range(5):
            _place(folder, i, f"-{copy}.jpg").write_bytes(mutant(sink.getvalue(), rng))


def _many(folder: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    patterns = []
    for seed in range(200):
        sink = io.BytesIO()
        drawn(32, 32, seed).save(sink, "JPEG")
        patterns.append(sink.getvalue())
    for i in range(count):  # what follows the end of a JPEG makes contents differ
        _place(folder, i, ".jpg").write_bytes(patterns[i % 200] + rng.bytes(8))


def _place(folder: Path, number: int, ending: str) -> Path:
    path = folder / ("cat", "dog")[number % 2] / f"{number}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


SETS: dict[str, Callable[[Path], None]] = {
    "large": _large,
    "huge": _huge,
    "mutants": _mutants,
    "few": partial(_many, count=5_000),
    "tiny": partial(_many, count=50_000),
}


if __name__ == "__main__":
    main()
