"""Class activation maps of the bundled classifier on real photos that it never saw."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos, load
from pawlens.explain import Explainer

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real photos are not beside the repository"),
]


def never_seen(photos: Photos, *, cats: bool, count: int) -> list[int]:
    """The first photos of the fifth that was held out, by content; Oxford's cats are capitals."""
    rows = []
    for row, path in enumerate(photos.paths):
        if path.rsplit("/", 1)[-1][0].isupper() == cats:
            digest = hashlib.sha256(photos.read_bytes(row)).hexdigest()
            if int(digest[:8], 16) % 5 == 0:
                rows.append(row)
    return rows[:: max(len(rows) // count, 1)][:count]


def test_the_peak_lies_on_the_animal_that_is_asked_for() -> None:
    """The pointing game on a cat and a dog side by side, in both orders, where both are known."""
    photos = Photos.read(DATA / "pets", labels=False)
    model = load()
    explainer = model.explainer()
    assert isinstance(explainer, Explainer)
    animals = []
    for name, cats in (("cat", True), ("dog", False)):
        rows = never_seen(photos, cats=cats, count=30)
        labels = model.answer(photos.subset(rows)).labels
        known = [row for row, label in zip(rows, labels, strict=True) if label == name]
        animals.append([photos.decode(row) for row in known])
    hits = []
    for cat, dog in zip(*animals, strict=False):
        height = min(len(cat), len(dog))
        for pair, name in (((cat, dog), "cat"), ((dog, cat), "dog")):
            left, right = (one[:height] for one in pair)
            values = explainer.explain(np.hstack([left, right]), name).map
            hits.append(int(values.argmax()) % values.shape[1] < left.shape[1])
            hits.append(int((-values).argmax()) % values.shape[1] >= left.shape[1])
    assert len(hits) >= 60
    assert np.mean(hits) > 0.85
