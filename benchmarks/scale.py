"""A million rows and more, step by step: processor time, and the most memory of each step.

Features are synthetic: two classes whose means differ in a tenth of the values, with so much noise
that a head is right on about 97 of 100; hashes are random, a tenth of them copies a few bits away.
Each step runs in a process of its own, on files, so that its peak memory is its own. `anonymous` is
what a machine must have; `in all` counts mapped files too, of which the system keeps what fits.

- cache: write features into the feature cache, as an extraction does (float16 with --half);
- open: open that cache, find all keys, and nothing else;
- gather: the whole matrix out of the cache, every shard verified, scaled to unit length;
- head: logistic regression in 5 folds over the grid of strengths, from blocks;
- calibration: temperature and clip of its answers, and all metrics with their intervals;
- duplicates: groups of near-duplicates by the hashes;
- table: photos.parquet with its columns.

    python benchmarks/scale.py --rows 100000 [1000000] [--columns 512 --half] [--only open head]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SHARD = 4096
FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    parser.add_argument("--columns", type=int, default=512)
    parser.add_argument("--half", action="store_true", help="float16 shards")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--folder", type=Path, help="where files go; a temporary one by default")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_step(options)
        return
    print(f"{'rows':>11} {'step':12} {'processor':>10} {'wall':>8} {'anonymous':>10} {'in all':>8}")
    for rows in options.rows:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            for step in STEPS:
                if step in options.only or step in ("cache", "gather", "head"):
                    told = in_a_process(options, rows, step, folder)
                    shown = f"{rows:11,} {step:12} {told['cpu']:8.1f} s {told['wall']:6.1f} s "
                    shown += f"{told['anonymous']:7.2f} GB {told['all']:5.2f} GB  {told['note']}"
                    print(shown, flush=True)


def in_a_process(options: argparse.Namespace, rows: int, step: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--rows", str(rows), "--columns", str(options.columns)]
    command += ["--step", step, "--folder", folder] + ["--half"] * options.half
    environment = os.environ | {"PAWLENS_CACHE": folder}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_step(options: argparse.Namespace) -> None:
    base, start, clock = options.folder, time.perf_counter(), time.process_time()
    note = STEPS[options.step](Path(base), options.rows[0], options.columns, options.half)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "cpu": time.process_time() - clock,
        "wall": time.perf_counter() - start,
        "anonymous": anonymous_peak(),
        "all": usage.ru_maxrss / 2**20,
        "note": note,
    }
    print(json.dumps(told))


def anonymous_peak() -> float:
    """What the process holds besides mapped files, in GB: at its end, when its results are held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 2**20


def keys_of(start: int, stop: int) -> list[str]:
    return [hashlib.sha256(str(row).encode()).hexdigest() for row in range(start, stop)]


def labels_of(rows: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, rows)


def open_cache(base: Path, columns: int, half: bool) -> Any:
    from pawlens.features import FeatureCache

    return FeatureCache(base / "features", columns, half=half)


def write_cache(base: Path, rows: int, columns: int, half: bool) -> str:
    cache, rng, labels = open_cache(base, columns, half), np.random.default_rng(0), labels_of(rows)
    for start in range(0, rows, SHARD):
        stop = min(rows, start + SHARD)
        values = rng.standard_normal((stop - start, columns), np.float32)
        values[:, : columns // 10] += labels[start:stop, None] * np.float32(0.53)
        cache.add(keys_of(start, stop), values)
    cache.save_index()
    size = sum(path.stat().st_size for path in (base / "features").iterdir())
    return f"{size / 1e9:.2f} GB on disk"


def open_only(base: Path, rows: int, columns: int, half: bool) -> str:
    keys = keys_of(0, rows)
    import pawlens.features  # noqa: F401  what is measured is the opening

    start = time.perf_counter()
    cache = open_cache(base, columns, half)
    opened = time.perf_counter() - start
    assert not cache.missing(keys)
    return f"opened in {opened:.2f} s, all keys found in {time.perf_counter() - start:.2f} s"


def gather(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.base import matrix_room
    from pawlens.heads import unit_rows

    cache = open_cache(base, columns, half)
    keys = [
        key for start in range(0, rows, SHARD) for key in keys_of(start, min(rows, start + SHARD))
    ]
    found = unit_rows(cache.gather(keys, matrix_room(rows, columns)))
    with (base / "matrix.f32").open("wb") as file:
        for start in range(0, rows, SHARD):
            file.write(found[start : start + SHARD].tobytes())
    return "in a mapped file" if isinstance(found, np.memmap) else "in memory"


def fit_head(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.heads import fit_logistic

    values = np.memmap(base / "matrix.f32", np.float32, "r", shape=(rows, columns))
    fit = fit_logistic(values, labels_of(rows), np.arange(rows) % FOLDS, n_classes=2)
    np.save(base / "logits.npy", fit.logits)
    best = min(row["log_loss"] for row in fit.rows)
    return f"log loss {best:.5f} at L2 {fit.l2:.3g}, {len(fit.rows)} strengths"


def calibrate(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.metrics import calibrate_out_of_fold, evaluate

    labels, logits = labels_of(rows), np.load(base / "logits.npy")
    found = calibrate_out_of_fold(labels, logits, np.arange(rows) % FOLDS, clip="auto")
    measured = evaluate(labels, found.proba, ["first", "second"])
    return f"log loss {measured['log_loss']:.5f}, {len(measured)} metrics"


def duplicates(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.photos import Scan, near_duplicate_groups

    rng = np.random.default_rng(2)
    values = rng.integers(0, 2**64, rows, np.uint64)
    copies = rng.integers(0, rows, rows // 10)
    bits = np.uint64(1) << rng.integers(0, 64, (len(copies), 3)).astype(np.uint64)
    values[rng.permutation(rows)[: len(copies)]] = values[copies] ^ np.bitwise_or.reduce(
        bits, axis=1
    )
    scans = [Scan("", phash=f"{int(value):016x}") for value in values]
    clock = time.process_time()
    groups = near_duplicate_groups(scans)
    return (
        f"{int(groups.max()) + 1:,} groups, {time.process_time() - clock:.1f} s without making them"
    )


def write_photos(base: Path, rows: int, columns: int, half: bool) -> str:
    import pyarrow as pa

    from pawlens.base import write_table

    held = {
        "path": [f"class-{row % 2}/photo-{row:09}.jpg" for row in range(rows)],
        "sha256": keys_of(0, rows),
        "fold": pa.array(np.arange(rows) % FOLDS, pa.int8()),
    }
    write_table(base / "photos.parquet", held)
    return f"{(base / 'photos.parquet').stat().st_size / 1e6:.0f} MB"


STEPS: dict[str, Callable[[Path, int, int, bool], str]] = {
    "cache": write_cache,
    "open": open_only,
    "gather": gather,
    "head": fit_head,
    "calibration": calibrate,
    "duplicates": duplicates,
    "table": write_photos,
}

if __name__ == "__main__":
    main()
