"""What cleaning does where some labels are known to be wrong.

Flips the labels of a random share of the photos of two classes, trains with and without
``clean: auto``, and compares both on held-out photos: against the labels as given, wrong ones
included, and against the true ones.

    python benchmarks/cleaning.py train.zip --weights-dir weights --backbone mobilenetv2_100
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np

from pawlens import Classifier, Photos, Run
from pawlens.metrics import Interval, paired_difference, photo_losses

CLEAN = ("none", "auto")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", help="a folder or zip of photos in two classes")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--backbone", default="paw")
    parser.add_argument("--flip", type=float, default=0.03, help="share of labels made wrong")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    photos = Photos.read(options.photos)
    rng = np.random.default_rng(options.seed)
    flipped = set(rng.permutation(len(photos))[: round(options.flip * len(photos))].tolist())
    with tempfile.TemporaryDirectory() as folder:
        noisy = Photos.read(plant(photos, flipped, Path(folder)))
        runs = [
            Classifier(
                [options.backbone], weights_dir=options.weights_dir, clean=clean, seed=options.seed
            ).fit(noisy, Path(folder) / clean)
            for clean in CLEAN
        ]
        report(runs, photos, flipped)


def plant(photos: Photos, flipped: set[int], folder: Path) -> Path:
    """The photos as files, with a list that gives some of them the other class."""
    with open(folder / "list.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        for row, photo in enumerate(photos):
            name = f"photos/{row}.jpg"
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(photos.read_bytes(row))
            other = photos.classes[1 - photos.classes.index(photo.labels[0])]
            writer.writerow([name, other if row in flipped else photo.labels[0]])
    return folder / "list.csv"


def report(runs: list[Run], photos: Photos, flipped: set[int]) -> None:
    """Print both comparisons, and how many of the labels left out were wrong."""
    rows = np.array([int(Path(path).stem) for path in runs[0].oof().to_pydict()["path"]])
    truth = np.array([photos.classes.index(photos[int(row)].labels[0]) for row in rows])
    wrong = np.isin(rows, list(flipped))
    proba = [
        np.column_stack([run.oof()[f"p:{name}"].to_numpy() for name in photos.classes])
        for run in runs
    ]
    print(f"{len(rows)} photos train, {wrong.sum()} with a wrong label")
    print("labels as given:", runs[1].metrics["cleaning"]["in_words"])
    gap = paired_difference(truth, proba[1], proba[0])
    losses = [photo_losses(truth, one).mean() for one in proba]
    print(f"true labels: {losses[1]:.4f} instead of {losses[0]:.4f}: {in_words(gap)}")
    left_out = runs[1].photos()
    out = {int(Path(p).stem) for p, o in zip(*columns(left_out), strict=True) if o}
    if out:
        found = len(out & flipped)
        print(f"left out: {len(out)}; precision {found / len(out):.3f}, recall ", end="")
        print(f"{found / max(1, len(flipped)):.3f}")


def columns(table: object) -> tuple[list[str], list[bool]]:
    """Path and whether it was left out."""
    values = table.to_pydict()  # type: ignore[attr-defined]
    return values["path"], values["left_out"]


def in_words(gap: Interval) -> str:
    return f"{gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"


if __name__ == "__main__":
    main()
