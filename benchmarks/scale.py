"""A million rows and more, step by step: processor time, and the most memory of each step.

Features are synthetic: two classes whose means differ in a tenth of the values, with so much noise
that a head is right on about 97 of 100; hashes are random, a tenth of them copies a few bits away.
Each step runs in a process of its own, on files, so that its memory is its own. `anonymous`, looked
at ten times a second, is what a machine must have; `in all` counts mapped files too, of which the
system keeps what fits. --plot draws the seconds against the rows.

- cache: write features into the feature cache, as an extraction does (float16 with --half);
- open: open that cache, find all keys, and nothing else;
- gather: the whole matrix out of the cache, every shard verified, scaled to unit length;
- run: all that `pawlens train` does with features until the report is written, by the same code
  (matrix, head, calibration, metrics with intervals, rules of answers, photos.parquet, report.html
  with pictures), of photos whose bytes are those of 64 drawn ones; noted are seconds by step;
- duplicates: groups of near-duplicates by the hashes;
- scans: keep scans and headers of all photos, as a first scan does;
- again: find them all, as the next scan does, and what they take in memory.

    python benchmarks/scale.py --rows 100000 [1000000] [--columns 512 --half] [--only open run]
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
import threading
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
    parser.add_argument("--plot", type=Path, help="an SVG of the growth")
    parser.add_argument("--folder", type=Path, help="where files go; a temporary one by default")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        run_step(options)
        return
    print(f"{'rows':>11} {'step':12} {'processor':>10} {'wall':>8} {'anonymous':>10} {'in all':>8}")
    seconds: dict[str, dict[int, float]] = {}
    for rows in options.rows:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            for step in STEPS:
                if step in options.only or (step == "cache" and ON_CACHE & set(options.only)):
                    told = in_a_process(options, rows, step, folder)
                    shown = f"{rows:11,} {step:12} {told['cpu']:8.1f} s {told['wall']:6.1f} s "
                    shown += f"{told['anonymous']:7.2f} GB {told['all']:5.2f} GB  {told['note']}"
                    print(shown, flush=True)
                    seconds.setdefault(step, {})[rows] = told["cpu"]
    if options.plot:
        plot_growth(seconds, options.plot, "rows", "processor seconds")


def plot_growth(seconds: dict[str, dict[int, float]], path: Path, across: str, up: str) -> None:
    """Draw the seconds of steps against counts, both in logarithms, beside n log n."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    longest = max(seconds, key=lambda step: max(seconds[step].values()))
    for step in sorted(seconds, key=lambda one: -max(seconds[one].values())):
        if max(seconds[step].values()) >= 1:
            axes.plot(*zip(*sorted(seconds[step].items()), strict=True), marker="o", label=step)
    counts = np.array(sorted(seconds[longest]))
    first = seconds[longest][int(counts[0])]
    line = first * counts * np.log(counts) / (counts[0] * np.log(counts[0]))
    axes.plot(counts, line, "k--", linewidth=0.8, label="n log n")
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up)
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def in_a_process(options: argparse.Namespace, rows: int, step: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--rows", str(rows), "--columns", str(options.columns)]
    command += ["--step", step, "--folder", folder] + ["--half"] * options.half
    environment = os.environ | {"PAWLENS_CACHE": folder}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_step(options: argparse.Namespace) -> None:
    base, start, clock = options.folder, time.perf_counter(), time.process_time()
    threading.Thread(target=watch_memory, daemon=True).start()
    note = STEPS[options.step](Path(base), options.rows[0], options.columns, options.half)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "cpu": time.process_time() - clock,
        "wall": time.perf_counter() - start,
        "anonymous": max(anonymous_peaks),
        "all": usage.ru_maxrss / 2**20,
        "note": note,
    }
    print(json.dumps(told))


anonymous_peaks = [0.0]


def watch_memory() -> None:
    """Note what the process holds besides mapped files, in GB, again and again."""
    while True:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        held = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
        anonymous_peaks[0] = max(anonymous_peaks[0], held / 2**20)
        time.sleep(0.1)


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
    return "in a mapped file" if isinstance(gathered(base, rows, columns, half), np.memmap) else ""


def gathered(base: Path, rows: int, columns: int, half: bool) -> np.ndarray:
    """Read the whole matrix out of the cache, as an extraction does that finds all of it there."""
    from pawlens.base import matrix_room
    from pawlens.heads import unit_rows

    keys = [
        key for start in range(0, rows, SHARD) for key in keys_of(start, min(rows, start + SHARD))
    ]
    return unit_rows(open_cache(base, columns, half).gather(keys, matrix_room(rows, columns)))


class DrawnStore:
    """Photos that are 64 drawn ones again and again."""

    def __init__(self, folder: Path) -> None:
        from pawlens.samples import draw_samples

        self.location, self.requests = folder, 0
        draw_samples(folder, count=64, flaws=False)
        self._data = [path.read_bytes() for path in sorted(folder.rglob("*.jpg"))[:64]]

    def read(self, name: str) -> bytes:
        return self._data[int(name[-13:-4]) % len(self._data)]


def made_table(base: Path, rows: int) -> Any:
    """A table of photos, all of which train, as a scan and a deal of folds would leave it."""
    from pawlens.photos import Photo, Photos, Scan, Table

    store, labels, names = DrawnStore(base / "drawn"), labels_of(rows), ["first", "second"]
    photos = Photos(
        (Photo(f"{names[k]}/photo-{row:09}.jpg", (names[k],)) for row, k in enumerate(labels)),
        store,  # type: ignore[arg-type]
        name="synthetic",
    )
    digests = [hashlib.sha256(store.read(photos[row].path)).hexdigest() for row in range(64)]
    alone = np.arange(rows)
    return Table(
        photos=photos,
        classes=names,
        scans=[Scan(digests[row % 64], 400, 300, "JPEG") for row in range(rows)],
        label=labels,
        twin=alone,
        group=alone,
        role=["train"] * rows,
        reason=[""] * rows,
        fold=alone % FOLDS,
        findings=[],
        given=[photo.labels for photo in photos],
        rulings=[None] * rows,
        notes=[],
    )


def train_on_features(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.backbones import find_backbone
    from pawlens.base import Clock, environment
    from pawlens.features import FeatureMatrix
    from pawlens.recipes import Recipe
    from pawlens.runs import RunFolder
    from pawlens.workflows.train._default_head import fit_head
    from pawlens.workflows.train._frozen import one_label_results
    from pawlens.workflows.train._method import Fitted, RunOptions, TrainingJob
    from pawlens.workflows.train._results import Examination
    from pawlens.workflows.train._trust import find_trust

    clock, recipe = Clock(), Recipe(folds=FOLDS)
    with clock.step("table"):
        table = made_table(base, rows)
    backbone = find_backbone("paw", cache_dir=base)
    job = TrainingJob(table, RunOptions(recipe), [], base, base)
    with clock.step("matrix"):
        values = gathered(base, rows, columns, half)
        matrix = FeatureMatrix(values, np.arange(rows), [backbone], ["f32"], 0)
    with clock.step("head, calibration"):
        head = fit_head(table, matrix, recipe)
    with clock.step("metrics"):
        results = one_label_results(job, matrix, head)
    with clock.step("trust"):
        trust = find_trust(job, Fitted(results, matrix))
    folder, examination = RunFolder(base / "run", recipe), Examination(trust=trust.facts)
    folder.start()
    with clock.step("tables"):
        results.write(folder, examination)
    with clock.step("report"):
        facts = environment({}, matrix.precisions, 0, [], busy=0.0)
        folder.finish(results.report([backbone], {}, facts, examination))
    sizes = {path.name: path.stat().st_size / 1e6 for path in (base / "run").iterdir()}
    steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in clock.seconds.items())
    loss = results.metrics["log_loss"]
    return (
        f"{steps}; log loss {loss:.5f}; report {sizes['report.html']:.1f} MB, "
        f"photos.parquet {sizes['photos.parquet']:.0f} MB"
    )


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


def scans_and_headers(base: Path) -> tuple[Any, Any]:
    from pawlens.base import RowCache
    from pawlens.photos import Scan
    from pawlens.photos.scan._headers import kept_headers
    from pawlens.photos.scan._scan import _VERSION

    return RowCache(base, Scan, version=_VERSION), kept_headers(base)


def write_scans(base: Path, rows: int, columns: int, half: bool) -> str:
    from pawlens.photos import Scan
    from pawlens.photos.scan._headers import Header

    scans, headers = scans_and_headers(base)
    rng = np.random.default_rng(0)
    for row in range(rows):
        (key,) = keys_of(row, row + 1)
        one, other = (f"{int(value):016x}" for value in rng.integers(0, 2**63, 2))
        scans.add(Scan(key, 400, 300, "JPEG", one, other))
        headers.add(Header(key, 50_000 + row, "RGB", 1, "Maker Model", "0a0a0a0a", "2026:11:30"))
    scans.close()
    headers.close()
    size = sum(path.stat().st_size for path in base.glob("*.sqlite"))
    return f"{size / 1e9:.2f} GB on disk"


def find_scans(base: Path, rows: int, columns: int, half: bool) -> str:
    scans, headers = scans_and_headers(base)
    for row in range(rows):
        (key,) = keys_of(row, row + 1)
        assert scans.get(key)
        assert headers.get(key)
    return ""


ON_CACHE = {"open", "gather", "run"}
STEPS: dict[str, Callable[[Path, int, int, bool], str]] = {
    "cache": write_cache,
    "open": open_only,
    "gather": gather,
    "run": train_on_features,
    "duplicates": duplicates,
    "scans": write_scans,
    "again": find_scans,
}

if __name__ == "__main__":
    main()
