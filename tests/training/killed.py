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
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from pawlens.backbones import Backbone, BackboneSpec
from pawlens.recipes import Recipe
from pawlens.training import Data, Place, _loop
from pawlens.training._session import Session

from ..forks import fork, killed, waited, warm
from .tiny import prepared

KILLS = 10
PATIENCE = 120  # seconds for one training


def main(phases: str, photos: str, backbone: str, out: str) -> None:
    recipe = Recipe.parse({"phases": json.loads(phases), "seed": 3}, "test")
    spec, path, digest, weights = json.loads(backbone)
    known = Backbone(BackboneSpec.from_json(spec), Path(path), digest, Path(weights))
    data = prepared(Path(photos))
    torch.set_num_threads(1)  # more would wait for each other in a network as small as this
    first, whole, broken = (Path(out, name) for name in ("first", "whole", "broken"))
    assert warm(train(recipe, data, known, first), Path(out, "imported.txt"), PATIENCE) == 0
    clock = time.monotonic()
    assert waited(fork(train(recipe, data, known, whole)), PATIENCE) == 0
    seconds = time.monotonic() - clock
    _loop._EVERY = 0.0  # a checkpoint after every step
    seed = int(os.environ.get("PAWLENS_SEED", time.time_ns() % 2**32))
    print(f"moments of the kills: PAWLENS_SEED={seed}", file=sys.stderr)
    rng, kills = np.random.default_rng(seed), 0
    while kills < KILLS:
        child = fork(train(recipe, data, known, broken))
        time.sleep(rng.uniform(0, seconds))
        if killed(child):
            kills += 1
        else:  # it was faster
            shutil.rmtree(broken)
    assert waited(fork(train(recipe, data, known, broken)), PATIENCE) == 0, f"seed {seed}"
    one, other = (torch.load(where / "end.pt", weights_only=True) for where in (whole, broken))
    unequal = [key for key, value in one.items() if not torch.equal(value, other[key])]
    print(json.dumps({"seed": seed, "kills": kills, "tensors": len(one), "unequal": unequal}))


def train(recipe: Recipe, data: Data, backbone: Backbone, folder: Path) -> Callable[[], None]:
    """A training in a folder, for a child."""

    def task() -> None:
        session = Session(recipe, data, Place([backbone], folder / "work", folder / "cache"))
        session.run()
        torch.save(session.network.state_dict(), folder / "end.pt")

    return task


if __name__ == "__main__":
    main(*sys.argv[1:])
