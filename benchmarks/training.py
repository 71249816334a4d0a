"""How fast a network is fine-tuned, against fastai's `fine_tune(1)`.

Both train the same architecture from the same JPEG files at the same size, on every core that this
process may use: an epoch of the head with the body frozen, then an epoch of everything, mirrored
at random, each followed by a validation. Weights are random: the arithmetic is the same. fastai
runs in its own virtual environment. Photos a second are those seen in both epochs over all seconds,
decoding included. Everything is measured in turn, several rounds in one run.

    python benchmarks/training.py [--photos FOLDER] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from drawn import textured_folder
from extraction import HERE, Samples, fastai_python, machine_facts, show

from pawlens import Photos, Recipe
from pawlens.backbones import Backbone, build_network, find_backbone
from pawlens.base._parallel import cores
from pawlens.features import hash_photos
from pawlens.training import Data, Place, train_network

VALID = 5  # one photo in so many


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="pawlens-bench-") as scratch:
        folder = options.photos or Path(scratch, "photos")
        if options.photos is None:
            textured_folder(folder, options.count)
        photos = Photos.read(folder)[: options.count]
        python = fastai_python(options.fastai)
        backbone = _backbone(options.network, options.size, Path(scratch))
        facts = machine_facts(photos, options.rounds)
        facts |= {"network": options.network, "input_size": options.size, "batch": options.batch}
        row: Samples = defaultdict(list)
        for number in range(options.rounds):
            row["pawlens"].append(ours(photos, backbone, options, Path(scratch, str(number))))
            row["fastai"].append(theirs(photos, python, options))
            row["times_fastai"].append(row["pawlens"][-1] / row["fastai"][-1])
    facts["load_average_after"] = os.getloadavg()
    report = {"facts": facts, "rates_per_second": {"fine_tune(1)": row}}
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def ours(photos: Photos, backbone: Backbone, options: argparse.Namespace, work: Path) -> float:
    """Photos a second of the recipe that does what `fine_tune(1)` does."""
    common = {"do": "train", "batch": options.batch, "schedule": "one_cycle", "drop_last": True}
    phases = [
        {"do": "fuse"},
        common | {"rate": 2e-3},
        {"do": "unfreeze", "batch_norm": "trained"},
        common | {"rate": 1e-3, "rates": [0.01, 0.1, 1], "augment": "flip"},
    ]
    recipe = Recipe.parse({"backbones": [options.network], "phases": phases}, "benchmark")
    rows = np.arange(len(photos))
    start = time.perf_counter()
    data = Data(
        photos=photos,
        keys=hash_photos(photos),
        labels=np.array([photos.classes.index(photo.labels[0]) for photo in photos], np.int64),
        train=rows[rows % VALID != 0],
        valid=rows[rows % VALID == 0],
        classes=photos.classes,
    )
    train_network(recipe, data, Place([backbone], work, work))
    return 2 * len(data.train) / (time.perf_counter() - start)


def theirs(photos: Photos, python: Path, options: argparse.Namespace) -> float:
    """Photos a second of fastai."""
    rows = sorted(range(len(photos)), key=lambda row: row % VALID != 0)  # validation first
    valid = sum(row % VALID == 0 for row in rows)
    listed = "\n".join(str(photos.location / photos.paths[row]) for row in rows)
    numbers = map(str, (options.size, cores(), options.batch, valid))
    command = [python, HERE / "fastai_training.py", options.network, *numbers]
    answer = subprocess.run(command, input=listed, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"fastai failed:\n{answer.stderr}")
    seconds = float(json.loads(answer.stdout.splitlines()[-1])["seconds"])
    return 2 * (len(rows) - valid) / seconds


def _backbone(network: str, size: int, scratch: Path) -> Backbone:
    from safetensors.torch import save_file

    state = build_network(network).state_dict()
    save_file({k: v.contiguous() for k, v in state.items()}, scratch / f"{network}.safetensors")
    return find_backbone(f"{network}@{size}", weights_dir=scratch, cache_dir=scratch)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="photos, drawn or of --photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", default="mobilenetv2_100")
    parser.add_argument("--size", type=int, default=144)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--fastai", type=Path, default=HERE.parent / ".venv-fastai")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
