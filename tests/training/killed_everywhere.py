"""Trainings killed before each of their lines, for `test_kill_points`.

``python -m tests.training.killed_everywhere PLANS PHOTOS BACKBONE OUT``
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import torch

from pawlens.backbones import Backbone, BackboneSpec
from pawlens.base import _files
from pawlens.recipes import Recipe
from pawlens.training import (
    Place,
    _activations,
    _checkpoint,
    _find_rate,
    _loop,
    _pixels,
    _session,
    _workers,
)
from pawlens.training._session import Session

from ..kill_points import kill_everywhere, show
from .tiny import prepared

MODULES = [
    _activations, _checkpoint, _files, _find_rate, _loop, _pixels, _session, _workers,
]  # fmt: skip


def main(plans: str, photos: str, backbone: str, out: str) -> None:
    spec, path, digest, weights = json.loads(backbone)
    network = Backbone(BackboneSpec.from_json(spec), Path(path), digest, Path(weights))
    data = prepared(Path(photos))
    torch.set_num_threads(1)
    _loop._EVERY = 0.0  # a checkpoint after every step

    def trained(recipe: Recipe, folder: Path) -> str:
        ticks = itertools.count()  # checkpoints hold how long it took so far
        clock = SimpleNamespace(perf_counter=lambda: float(next(ticks)))
        patch.object(_loop, "time", clock).start()
        session = Session(recipe, data, Place([network], folder / "work", folder / "cache"))
        session.run()
        found = hashlib.sha256()
        for name, value in session.network.state_dict().items():
            found.update(name.encode() + value.numpy().tobytes())
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in session.history]
        found.update(json.dumps(rows).encode())
        return found.hexdigest()

    outcomes = {}
    for name, phases in json.loads(plans).items():
        recipe = Recipe.parse({"phases": phases, "seed": 3}, "test")
        Path(out, name).mkdir()
        outcomes[name] = kill_everywhere(partial(trained, recipe), MODULES, Path(out, name))
    show(outcomes)


if __name__ == "__main__":
    main(*sys.argv[1:])
