"""A training killed by signal ten times, and one that was not: do they end alike?

``python -m tests.training.killed PHASES PHOTOS BACKBONE OUT``; forks from a process that has not
computed yet, so that a start costs nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import torch

from pawlens.backbones import Backbone, BackboneSpec
from pawlens.recipes import Recipe
from pawlens.training import Data, Place, _loop
from pawlens.training._session import Session

from ..forks import fork, killed, waited
from .tiny import prepared

KILLS = 10
PATIENCE = 120  # seconds for one training


def main(phases: str, photos: str, backbone: str, out: str) -> None:
    recipe = Recipe.parse({"phases": json.loads(phases), "seed": 3}, "test")
    spec, path, digest, weights = json.loads(backbone)
    known = Backbone(BackboneSpec.from_json(spec), Path(path), digest, Path(weights))
    data = prepared(Path(photos))
    whole, broken = Path(out, "whole"), Path(out, "broken")
    clock = time.monotonic()
    assert waited(start(recipe, data, known, whole), PATIENCE) == 0
    seconds = time.monotonic() - clock
    _loop._EVERY = 0.0  # a checkpoint after every step
    seed = int(os.environ.get("PAWLENS_SEED", time.time_ns() % 2**32))
    print(f"moments of the kills: PAWLENS_SEED={seed}", file=sys.stderr)
    rng, kills = np.random.default_rng(seed), 0
    while kills < KILLS:
        child = start(recipe, data, known, broken)
        time.sleep(rng.uniform(0, seconds))
        if killed(child):
            kills += 1
        else:  # it was faster
            shutil.rmtree(broken)
    assert waited(start(recipe, data, known, broken), PATIENCE) == 0, f"seed {seed}"
    one, other = (torch.load(where / "end.pt", weights_only=True) for where in (whole, broken))
    unequal = [key for key, value in one.items() if not torch.equal(value, other[key])]
    print(json.dumps({"seed": seed, "kills": kills, "tensors": len(one), "unequal": unequal}))


def start(recipe: Recipe, data: Data, backbone: Backbone, folder: Path) -> int:
    """Train in a child; its number."""

    def task() -> None:
        session = Session(recipe, data, Place([backbone], folder / "work", folder / "cache"))
        session.run()
        torch.save(session.network.state_dict(), folder / "end.pt")

    return fork(task)


if __name__ == "__main__":
    main(*sys.argv[1:])
