"""Many distinct photos, trained on: time by step, most memory, and how both grow.

Makes varied copies of the photos of a folder or zip (another part, mirrored or not, another size of
80 to 240 pixels, light, colour and quality; copy number i is always the same), and runs `pawlens
train` on the first 10,000 of them, the first 20,000 and so on, each in a process and with a cache
of its own, then once more on the same cache. `memory` is the most that the process ever held,
mapped files included. With --code the `src` of another version is measured too, in turn with this
one, and with --plot the growth of the processor seconds is drawn.

    python benchmarks/many_photos.py PHOTOS [--counts 10000 20000 50000 100000]
        [--folder WHERE] [--code SRC] [--again] [--plot FILE.svg]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scale import plot_growth

ROOT = Path(__file__).resolve().parent.parent
IN_A_FOLDER = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 20_000, 50_000, 100_000])
    parser.add_argument("--folder", type=Path, help="where photos are made, and stay")
    parser.add_argument("--code", type=Path, help="src of another version")
    parser.add_argument("--again", action="store_true", help="train again on the same cache")
    parser.add_argument("--only-make", action="store_true")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as work:
        base = options.folder or Path(work)
        for count in options.counts:
            make(options.photos, base / f"photos-{count}", count)
        if options.only_make:
            return
        found: dict[str, dict[int, float]] = {}
        for count in options.counts:
            versions = {"now": ROOT / "src"} | ({"other": options.code} if options.code else {})
            for name, code in versions.items():
                cache = Path(work) / f"{name}-{count}"
                for turn in ["", " again"] if options.again else [""]:
                    facts = train(base / f"photos-{count}", cache, code)
                    tell(count, name + turn, facts)
                    if name == "now":
                        found.setdefault("train" + turn, {})[count] = facts["processor_seconds"]
                shutil.rmtree(cache)
        if options.plot:
            plot_growth(found, options.plot, "photos", "processor seconds")


def make(source: Path, folder: Path, count: int) -> None:
    """Make varied copies, those that are not there yet; links to those of a smaller folder."""
    from pawlens import Photos
    from pawlens.base import cores, ordered_map

    photos = Photos.read(source)
    start, order = time.perf_counter(), np.random.default_rng(0).permutation(len(photos))

    def one(number: int) -> None:
        row = int(order[number % len(photos)])
        label = photos[row].label or "none"
        path = folder / label / f"{number // IN_A_FOLDER:03}" / f"{number:07}.jpg"
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in folder.parent.glob("photos-*"):
            same = other / path.relative_to(folder)
            if other != folder and same.exists():
                os.link(same, path)
                return
        draft = path.with_suffix(".part")
        draft.write_bytes(varied(photos.decode(row, min_side=256), number))
        draft.replace(path)

    for done, _ in enumerate(ordered_map(one, range(count), workers=cores()), start=1):
        if done % 10_000 == 0:
            print(f"{done:,} photos made in {time.perf_counter() - start:.0f} s", file=sys.stderr)


def varied(pixels: np.ndarray, number: int) -> bytes:
    """Another picture of a photo: a part of it, in another light."""
    import io

    from PIL import Image, ImageEnhance

    rng = np.random.default_rng(number)
    height, width = pixels.shape[:2]
    share = rng.uniform(0.55, 1, 2)
    left, top = (rng.uniform(0, 1 - share) * (width, height)).astype(int)
    wide, high = np.maximum((share * (width, height)).astype(int), 1)
    image = Image.fromarray(pixels[top : top + high, left : left + wide])
    side = rng.integers(80, 241)
    image = image.resize(
        (max(1, round(side * wide / max(wide, high))), max(1, round(side * high / max(wide, high))))
    )
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = kind(image).enhance(rng.uniform(0.7, 1.3))
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=int(rng.integers(70, 96)))
    return sink.getvalue()


def train(photos: Path, cache: Path, code: Path) -> dict[str, Any]:
    """Run `pawlens train` in a process of its own; what it noted of itself, and its memory."""
    run = cache / "run"
    shutil.rmtree(run, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    places = {"PYTHONPATH": str(code), "PAWLENS_CACHE": str(cache / "cache")}
    command = [sys.executable, "-m", "pawlens", "train", str(photos), "--out", str(run)]
    start = time.perf_counter()
    with (cache / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | places)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit((cache / "log.txt").read_text())
    facts: dict[str, Any] = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return facts | {
        "wall": time.perf_counter() - start,
        "memory": usage.ru_maxrss / 2**20,
        "report": (run / "report.html").stat().st_size / 1e6,
        "log_loss": metrics["out_of_fold"]["log_loss"]["value"],
    }


def tell(count: int, name: str, facts: dict[str, Any]) -> None:
    steps = ", ".join(f"{step} {s:.1f}" for step, s in facts["seconds"].items() if s >= 0.05)
    print(
        f"{count:9,} {name:12} wall {facts['wall']:6.1f} s, processor "
        f"{facts['processor_seconds']:6.1f} s, memory {facts['memory']:.2f} GB, "
        f"extracted {facts['extracted']:,}, log loss {facts['log_loss']:.5f}, "
        f"report {facts['report']:.1f} MB: {steps}",
        flush=True,
    )


if __name__ == "__main__":
    main()
