"""The recipes of the published systems run whole, and their figures beside the published ones.

Each recipe runs with the backbones that are at hand; runs that are finished are read, so that the
rest may be done later. The photos of A, B and C are a stratified part of Dogs vs. Cats, those of D
the twelve breeds.

    python benchmarks/systems.py --pets ZIP --breeds FOLDER --weights-dir FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pawlens import Classifier, PawlensError, Photos, Run
from pawlens.recipes import override, read_recipe


@dataclass(frozen=True)
class System:
    """One recipe as it is run here.

    Attributes
    ----------
    recipe : str
    backbones : tuple of str
        In place of the recipe's own.
    published : str
        What its authors give.
    settings : tuple of str
        Where this run differs from the recipe.
    breeds : bool
        Whether it is about the twelve breeds.
    """

    recipe: str
    backbones: tuple[str, ...]
    published: str
    settings: tuple[str, ...] = ()
    breeds: bool = False


SMALL, DENSE, LARGE = "mobilenetv2_100", "densenet169", "tf_efficientnet_b4@224"
SYSTEMS = (
    System("quick", ("paw",), "ours"),
    System("default", (SMALL,), "ours"),
    System("best", (DENSE, LARGE), "ours"),
    System("best", (DENSE, LARGE), "ResNet152 elsewhere 94.66 %", breeds=True),
    System("finetune", (f"{SMALL}@192",), "ours"),
    System("b-features", (SMALL,), "ResNet50 0.0323, 98.92 %"),
    System("b-features", (LARGE,), "InceptionResNetV2 0.0202, 99.50 %"),
    System("b-fused", (SMALL, DENSE, LARGE), "three networks 0.0165"),
    System("b-split", (SMALL,), "ResNet50 0.0295"),
    System("b-finetune", (SMALL,), "worse than cached features"),
    System(
        "c-fusionnet", (f"{SMALL}@160", f"{DENSE}@128"), "ResNet50 and InceptionV3 0.0302, 98.99 %"
    ),
    System(
        "d-cat12", (f"{SMALL}@160",), "no accuracy given; ResNet152 elsewhere 94.66 %", breeds=True
    ),
    System("a-resnet34-sgdr", (f"{SMALL}@64",), "ResNet34 0.0199, 99.40 %"),
)


def main() -> None:
    options = _options()
    print("| recipe | backbones | published | measured on | log loss | accuracy | minutes |")
    print("|---|---|---|---|---|---|---|")
    for system in SYSTEMS:
        if options.only and system.recipe not in options.only:
            continue
        print(row(system, options), flush=True)


def row(system: System, options: argparse.Namespace) -> str:
    """Run a recipe, or read its finished run, and describe it in a row of a table."""
    names = [system.recipe, *system.backbones, *(["breeds"] if system.breeds else [])]
    path = options.out / "-".join(names).replace("@", "-")
    photos = Photos.read(options.breeds if system.breeds else options.pets)
    if not system.breeds:
        photos = part(photos, options.count)
    try:
        run = Run(path)
    except PawlensError:  # not finished: it is begun, or gone on with
        recipe = override(read_recipe(system.recipe), system.settings)
        classifier = Classifier(
            system.backbones,
            recipe=recipe,
            weights_dir=options.weights_dir,
            cache_dir=options.cache,
        )
        run = classifier.fit(photos, path)
    seconds = sum(run.environment["seconds"].values())
    loss, accuracy = run.out_of_fold["log_loss"], run.out_of_fold["accuracy"]
    cells = (
        f"`{system.recipe}`",
        ", ".join(system.backbones),
        system.published,
        run.metrics["evaluated"]["on"],
        f"{loss.value:.4f} ({loss.low:.4f} to {loss.high:.4f})",
        f"{accuracy.value:.2%} ({accuracy.low:.2%} to {accuracy.high:.2%})",
        f"{seconds / 60:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def part(photos: Photos, count: int) -> Photos:
    """Spread `count` labelled photos evenly over the classes, drawn once and for all."""
    rng = np.random.default_rng(0)
    rows: list[int] = []
    for name in photos.classes:
        own = [row for row, photo in enumerate(photos) if photo.label == name]
        rows += rng.permutation(own)[: count // len(photos.classes)].tolist()
    return photos.subset(sorted(rows))


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pets", type=Path, required=True, help="photos of Dogs vs. Cats")
    parser.add_argument("--breeds", type=Path, required=True, help="photos of the twelve breeds")
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the runs are kept")
    parser.add_argument("--count", type=int, default=4000, help="photos of Dogs vs. Cats")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", nargs="+", help="recipes to run or to read")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
