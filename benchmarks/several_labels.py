"""What several labels a photo cost and give, on photos of cats, of dogs, of both and of neither.

Puts photos of two classes side by side, adds others that were used for no collage and, if wanted,
photos that show neither, and trains one run with several labels. No photo is used twice.

    python benchmarks/several_labels.py train.zip --neither elephants giraffes \\
        --weights-dir weights --backbone mobilenetv2_100@224
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from pawlens import Classifier, Photos, Run

_HEIGHT = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", help="a folder or zip of photos in two classes")
    parser.add_argument("--neither", nargs="*", default=[], help="folders of photos of neither")
    parser.add_argument("--count", type=int, default=500, help="photos of each class and collages")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--backbone", default="paw")
    parser.add_argument("--out", type=Path, help="keep photos and run in this new folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.out or Path(temporary)
        listed = collages(Photos.read(options.photos), options.neither, options.count, folder)
        classifier = Classifier(
            [options.backbone], weights_dir=options.weights_dir, labels="several"
        )
        report(classifier.fit(Photos.read(listed), folder / "run"))


def collages(photos: Photos, neither: list[str], count: int, folder: Path) -> Path:
    """Single photos, and pairs of others at one height, as files with a list of their labels."""
    rng = np.random.default_rng(0)
    first, second = (
        rng.permutation([i for i, photo in enumerate(photos) if photo.label == name])
        for name in photos.classes
    )
    (folder / "photos").mkdir(parents=True)
    rows = []
    for kind, name in zip((first, second), photos.classes, strict=True):
        for row in kind[:count]:
            rows.append((f"photos/{name}.{row}.jpg", name))
            (folder / rows[-1][0]).write_bytes(photos.read_bytes(int(row)))
    pairs = zip(first[count : 2 * count], second[count : 2 * count], strict=True)
    for number, pair in enumerate(pairs):
        parts = [Image.fromarray(photos.decode(int(row))) for row in rng.permutation(pair)]
        parts = [one.resize((_HEIGHT * one.width // one.height, _HEIGHT)) for one in parts]
        picture = Image.new("RGB", (sum(one.width for one in parts), _HEIGHT))
        picture.paste(parts[0], (0, 0))
        picture.paste(parts[1], (parts[0].width, 0))
        rows.append((f"photos/both.{number}.jpg", ";".join(photos.classes)))
        picture.save(folder / rows[-1][0], quality=92)
    for number, path in enumerate(path for one in neither for path in sorted(Path(one).iterdir())):
        rows.append((f"photos/none.{number}{path.suffix}", "none"))
        (folder / rows[-1][0]).write_bytes(path.read_bytes())
    with open(folder / "list.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    return folder / "list.csv"


def report(run: Run) -> None:
    print(f"{run.metrics['evaluated']['photos']} photos, {run.metrics['evaluated']['on']}")
    for name, one in run.out_of_fold.items():
        print(f"{name:24}{one.value:.4f} ({one.low:.4f} to {one.high:.4f})")
    for label, metrics in run.metrics["labels"].items():
        for name, one in metrics.items():
            words = f"{one['value']:.4f} ({one['low']:.4f} to {one['high']:.4f})"
            print(f"{label:8}{name:24}{words}")
    oof = run.oof().to_pydict()
    for kind in sorted(set(oof["label"])):
        right = [a == kind for a, t in zip(oof["answer"], oof["label"], strict=True) if t == kind]
        print(f"exactly {kind:12}{np.mean(right):.4f} of {len(right)}")


if __name__ == "__main__":
    main()
