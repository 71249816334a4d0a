"""What looking at a photo in several ways does, on ordinary photos and on small subjects.

Trains a head on some photos and answers others with each view. Then the first of these are put,
as they are, into a corner of a larger picture of which they fill 25 to 35 % of a side: on one
colour or on a blurred copy of themselves, in turn.

    python benchmarks/views.py train.zip --weights-dir weights --backbone mobilenetv2_100
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from pawlens import Classifier, Model, Photos, load
from pawlens.metrics import evaluate, paired_difference

ASKED = (("flip",), ("crops",), ("subject",), ("flip", "crops"))
SHARES = (0.25, 0.35)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", help="a folder or zip of photos with labels")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--backbone", action="append", help="several are fused")
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--answer", type=int, default=1700)
    parser.add_argument("--small", type=int, default=400)
    options = parser.parse_args()
    photos = Photos.read(options.photos)
    rows = np.random.default_rng(0).permutation(len(photos)).tolist()
    others = photos.subset(rows[options.train :][: options.answer])
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        classifier = Classifier(options.backbone or ["paw"], weights_dir=options.weights_dir)
        classifier.fit(photos.subset(rows[: options.train]), run)
        model = load(run)
        report("as they are", model, others, [photo.labels[0] for photo in others])
        few = others[: options.small]
        small = Photos.read(shrink(few, Path(folder)), labels=False)
        report("small, in a corner", model, small, [photo.labels[0] for photo in few])


def shrink(photos: Photos, folder: Path) -> list[Path]:
    """Each photo in a corner of a larger picture, as a PNG."""
    paths = []
    for row in range(len(photos)):
        rng = np.random.default_rng([1, row])
        photo = Image.fromarray(photos.decode(row))
        side = round(max(photo.size) / rng.uniform(*SHARES))
        if row % 2:
            ground = photo.resize((side, side)).filter(ImageFilter.GaussianBlur(side / 8))
        else:
            ground = Image.new("RGB", (side, side), tuple(rng.integers(60, 200, 3).tolist()))
        right, low = rng.integers(0, 2, 2).tolist()
        ground.paste(photo, (right * (side - photo.width), low * (side - photo.height)))
        paths.append(folder / f"{row}.png")
        ground.save(paths[-1], compress_level=1)
    return paths


def report(title: str, model: Model, photos: Photos, labels: list[str]) -> None:
    """Print accuracy and log loss of each view, and the difference to the photo alone."""
    truth = np.array([model.classes_.index(label) for label in labels])
    plain = model.answer(photos).proba
    print(f"{len(photos)} photos, {title}", flush=True)
    for views in ((), *ASKED):
        proba = model.answer(photos, views=views).proba if views else plain
        found = evaluate(truth, proba, model.classes_)
        gap = paired_difference(truth, proba, plain)
        text = "  ".join(
            f"{found[name].value:.4f} ({found[name].low:.4f} to {found[name].high:.4f})"
            for name in ("accuracy", "log_loss")
        )
        against = f"  {gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})" if views else ""
        print(f"  {', '.join(views) or 'the photo alone':16} {text}{against}", flush=True)


if __name__ == "__main__":
    main()
