"""Are slices called worse only where they are: null resamplings and planted slices on a real run.

``python benchmarks/slices.py RUN --cache DIR`` takes the out-of-fold answers of a run and traits of
its photos: those of files and pictures, beside a camera and an hour that are drawn.

1. No slice is worse: answers are dealt anew among 1,000 photos. How often is any slice, or the
   worst combination, called worse? At most 5 of 100 are promised.
2. A planted slice: among the photos of one drawn camera, a share of the answers is made wrong. How
   often is it found, by the share and the number of its photos?
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from pawlens import Run
from pawlens.runs import stored_photos
from pawlens.trust import measure_slices
from pawlens.workflows._photo_traits import photo_traits

PHOTOS = 1000


def drawn(rng: np.random.Generator, count: int) -> dict[str, Any]:
    """A camera with rare and common models, and a part of the day."""
    camera = rng.choice(["A", "B", "C", "D"], count, p=[0.6, 0.25, 0.1, 0.05])
    return {
        "camera": camera.tolist(),
        "hour": rng.choice(["night", "morning", "day", "evening"], count).tolist(),
    }


def main() -> None:
    """Run both parts and print them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--photos")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--planted-draws", type=int, default=20)
    given = parser.parse_args()
    run = Run(given.run)
    stored = stored_photos(run, given.photos)
    assert stored is not None, "the photos are not where they were"
    oof = run.oof().to_pydict()
    rows = np.sort(np.random.default_rng(0).permutation(len(oof["path"]))[:PHOTOS])
    place = {path: row for row, path in enumerate(stored.paths)}
    photos = stored.subset([place[oof["path"][row]] for row in rows])
    proba = np.column_stack([oof[f"p:{name}"] for name in run.classes])[rows]
    label = np.array([run.classes.index(oof["label"][row]) for row in rows])
    right = proba.argmax(axis=1) == label
    losses = -np.log(np.maximum(proba[np.arange(len(label)), label], 1e-12))
    own = photo_traits(photos, cache_dir=Path(given.cache))
    told: dict[str, Any] = {"run": run.path.name, "photos": len(rows), "accuracy": right.mean()}
    called = 0
    for seed in range(given.draws):
        rng = np.random.default_rng(seed)
        deal = rng.permutation(len(rows))
        found = measure_slices(right[deal], losses[deal], own | drawn(rng, len(rows)), seed=seed)
        combined = found.worst is not None and found.worst.verdict == "worse"
        called += bool(found.worse) or combined
        if seed % 20 == 19:
            print(f"{called} of {seed + 1} called worse", flush=True)
    told["none is worse"] = {"draws": given.draws, "called worse": called}
    print(json.dumps(told, indent=1), flush=True)
    for camera in "BCD":
        for share in (0.05, 0.1, 0.2):
            hits = others = 0
            for seed in range(given.planted_draws):
                rng = np.random.default_rng([seed, 1])
                deal = rng.permutation(len(rows))
                traits = own | drawn(rng, len(rows))
                spoilt = (np.array(traits["camera"]) == camera) & (rng.random(len(rows)) < share)
                hit, loss = right[deal] & ~spoilt, np.where(spoilt, 2.0, losses[deal])
                found = measure_slices(hit, loss, traits, seed=seed)
                hits += any(one.value == camera for one in found.worse)
                others += any(one.trait != "camera" for one in found.worse)
            key = f"camera {camera}, {share:.0%} more wrong"
            told[key] = {"found": hits / given.planted_draws, "others called worse": others}
            print(key, json.dumps(told[key]), flush=True)


if __name__ == "__main__":
    main()
