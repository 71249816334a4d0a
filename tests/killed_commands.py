"""``pawlens train`` killed at ten moments, each start going on from what the one before left.

``python -m tests.killed_commands PHOTOS OUT``, for `test_crash`. The run and its cache are
``OUT/run`` and ``OUT/cache``; runs that ended before their kill came are ``OUT/run-1`` and so on.
The last line printed is JSON: how many kills landed, and how many runs ended early.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pawlens.__main__ import main as pawlens
from pawlens.features import _extract

from .forks import fork, killed, waited, warm

KILLS = 10
SHARD_ROWS = 64
STARTS = 25  # on a busy machine a run may end before its kill lands; that one does not count
PATIENCE = 300.0

Stamp = tuple[int, int, int]


def train(photos: Path, run: Path, cache: Path) -> None:
    """Run the command in this process."""
    sys.argv = ["pawlens", "train", str(photos), "--out", str(run), "--cache-dir", str(cache)]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    assert pawlens() == 0


def moments(work: float) -> Iterator[tuple[str, float]]:
    """After which file changes to kill, and up to how many seconds later, over and over.

    `work` is how long the head, the evaluation and the export take.
    """
    shard = "features/*/*.safetensors"
    extraction = [("recipe.yaml", 0.5), (shard, 0.1), (shard, 0.3), (shard, 0.1)]
    training = [("recipe.yaml", 0.7 * work)] * 3 + [("model.onnx", 0.0), ("oof.parquet", 0.0)]
    yield from extraction
    yield from itertools.cycle([*training, ("recipe.yaml", 0.9 * work)])


def stamps(folders: tuple[Path, ...], pattern: str) -> dict[Path, Stamp]:
    """Which files are there, and which of them were written anew."""
    found = {}
    for path in itertools.chain.from_iterable(folder.glob(pattern) for folder in folders):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        found[path] = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
    return found


def kill(photos: Path, run: Path, cache: Path, pattern: str, delay: float) -> bool:
    """Start, and kill without warning `delay` seconds after a file changes; whether it landed."""
    before = stamps((run, cache), pattern)
    child = fork(lambda: train(photos, run, cache))
    deadline = time.monotonic() + PATIENCE
    while alive(child) and stamps((run, cache), pattern) == before:
        assert time.monotonic() < deadline, f"{pattern} never changed"
        time.sleep(0.002)
    time.sleep(delay)
    return killed(child)


def alive(child: int) -> bool:
    """Whether a child has not ended; it stays to be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def main(photos: Path, out: Path) -> None:
    _extract._SHARD_ROWS = SHARD_ROWS
    first = out / "first"
    first.mkdir()
    names = first / "imported.txt"
    assert warm(lambda: train(photos, first / "run", first / "cache"), names, PATIENCE) == 0
    whole = fork(lambda: train(photos, first / "whole", first / "cache"))
    assert waited(whole, PATIENCE) == 0
    took = json.loads((first / "whole" / "environment.json").read_text())["seconds"]
    work = took["head"] + took["evaluation"] + took["export"]
    rng, landed, early = random.Random(0), 0, 0
    for pattern, longest in itertools.islice(moments(work), STARTS):
        run = out / "run"
        landed += kill(photos, run, out / "cache", pattern, rng.uniform(0, longest))
        if (run / "report.html").exists():
            early += 1
            run.rename(run.with_name(f"run-{early}"))
        print(f"{pattern}: {landed} landed", file=sys.stderr)
        if landed == KILLS:
            break
    print(json.dumps({"landed": landed, "early": early}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
