"""Fine-tuning against frozen features, on the same held-out fold, photo by photo.

The network is trained by the recipe `finetune`; the same network's frozen features under the
default head are the yardstick, each fold of them answered without itself. Finished runs in --out
are read again.

    python benchmarks/finetune.py PHOTOS --weights-dir FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from pawlens import Classifier, PawlensError, Photos, Run
from pawlens.metrics import Interval, paired_difference


def main() -> None:
    options = _options()
    network = options.network
    tuned = _run(options, "finetune", f"{network}@{options.size}")
    print(f"finetune {network}@{options.size}", _words(tuned.out_of_fold["log_loss"]))
    seconds = sum(tuned.environment["seconds"].values())
    print(f"minutes {seconds / 60:.1f} on {tuned.environment['processors']} cores")
    for size in (options.size, 224):
        frozen = _run(options, "default", f"{network}@{size}")
        gap = compare(tuned, frozen)
        print(f"less frozen features at {size} px, {len(tuned.oof())} photos:", _words(gap))


def compare(one: Run, other: Run) -> Interval:
    """Log loss of `one` less that of `other` on the photos that `one` held out, paired."""
    mine, theirs = one.oof().to_pydict(), other.oof().to_pydict()
    row = {path: number for number, path in enumerate(theirs["path"])}
    rows = [row[path] for path in mine["path"]]
    names = [f"p:{name}" for name in one.classes]
    label = np.array([one.classes.index(name) for name in mine["label"]], np.int64)
    table = one.photos().to_pydict()
    group = dict(zip(table["path"], table["group"], strict=True))
    return paired_difference(
        label,
        np.column_stack([mine[name] for name in names]),
        np.column_stack([np.array(theirs[name])[rows] for name in names]),
        groups=np.array([group[path] for path in mine["path"]]),
    )


def _run(options: argparse.Namespace, recipe: str, backbone: str) -> Run:
    path = options.out / f"{recipe}-{backbone}".replace("@", "-")
    try:
        return Run(path)
    except PawlensError:  # not finished: it is begun, or gone on with
        where = {"weights_dir": options.weights_dir, "cache_dir": options.cache}
        return Classifier([backbone], recipe=recipe, **where).fit(Photos.read(options.photos), path)


def _words(one: Interval) -> str:
    return f"{one.value:.4f} ({one.low:.4f} to {one.high:.4f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the runs are kept")
    parser.add_argument("--network", default="mobilenetv2_100")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--cache", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
