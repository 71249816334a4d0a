"""The speed of extraction from files, beside that of another version of the code, in one run.

Photos are written at several sizes as JPEG; each version of the code has a process of its own, and
extracts them in turn, round after round, with the features of `paw` (or another backbone) and an
empty cache. Shown are milliseconds of processor time for a photo, which another job on the machine
changes little, and the ratio of the photos that a second of processor time extracts: the median of
all rounds.

    git worktree add FOLDER COMMIT
    python benchmarks/extraction_before.py --before FOLDER/src --photos PHOTOS
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

SIZES = {"50": 50, "200": 200, "as they are": 0, "500": 500, "1000": 1000, "2000": 2000}
SIZES |= {"12 MP": 4000, "48 MP": 8000}
"""Longer side in pixels; 0 for the files as they are."""


def main() -> None:
    options = _options()
    if options.worker:
        answer(options.backbone, options.weights_dir)
        return
    here = str(Path(__file__).resolve().parents[1] / "src")
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch, name) for name in options.sizes}
        for name, folder in folders.items():
            write(options, folder, SIZES[name])
        workers = {code: start(code, options) for code in (options.before, here)}
        print(f"{'photo':12} {'before, ms':>10} {'now, ms':>10} {'photos/s, now to before':>24}")
        for name, folder in folders.items():
            times: dict[str, list[float]] = {code: [] for code in workers}
            for number in range(options.rounds + 1):
                for code, worker in workers.items():
                    spent = ask(worker, folder, Path(scratch, "cache"))
                    if number:  # the first round fills caches of the system
                        times[code].append(spent)
            before, now = times.values()
            ratio = statistics.median(b / n for b, n in zip(before, now, strict=True))
            print(
                f"{name:12} {statistics.median(before):10.3f} {statistics.median(now):10.3f} "
                f"{ratio:24.3f}",
                flush=True,
            )


def write(options: argparse.Namespace, folder: Path, side: int) -> None:
    """Write photos of 4 to 3, fewer where they are large; or those that there are."""
    folder.mkdir()
    files = sorted(options.photos.rglob("*.jpg"))
    count = len(files) if side == 0 else max(options.pixels // (side * side), 4)
    for number in range(min(count, 240)):
        path = files[number % len(files)]
        data = path.read_bytes()
        if side:
            picture = Image.open(path).convert("RGB")
            sink = io.BytesIO()
            shape = (side + number // len(files), side * 3 // 4)  # no two are the same
            picture.resize(shape, Image.Resampling.BICUBIC).save(sink, "JPEG", quality=90)
            data = sink.getvalue()
        (folder / f"{number:03}.jpg").write_bytes(data)


def start(code: str, options: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--worker", "--backbone", options.backbone]
    if options.weights_dir:
        command += ["--weights-dir", str(options.weights_dir)]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": code},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(worker: subprocess.Popen[str], folder: Path, cache: Path) -> float:
    """Have a folder extracted: milliseconds of processor time for a photo."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    print(json.dumps([str(folder), str(cache)]), file=worker.stdin, flush=True)
    return float(worker.stdout.readline())


def answer(backbone_name: str, weights_dir: Path | None) -> None:
    """Extract each folder that is named on the standard input."""
    from pawlens import Photos
    from pawlens.backbones import find_backbone, open_engine
    from pawlens.base import user_cache
    from pawlens.features import WholePhotos, extract_features

    backbone = find_backbone(backbone_name, weights_dir=weights_dir, cache_dir=user_cache())
    engine = open_engine(backbone, precision="auto", device="cpu")
    for line in sys.stdin:
        folder, cache = map(Path, json.loads(line))
        photos = Photos.read(folder, labels=False)
        with tempfile.TemporaryDirectory(dir=cache.parent) as empty:
            begun = time.process_time()
            found = extract_features(WholePhotos(photos), backbone, engine, cache_dir=Path(empty))
            spent = time.process_time() - begun
        print(spent / found.extracted * 1e3, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", help="folder of the other code, which holds pawlens")
    parser.add_argument("--photos", type=Path, help="a folder of JPEG files")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--pixels", type=int, default=40_000_000, help="of each size, in all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--backbone", default="paw")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
