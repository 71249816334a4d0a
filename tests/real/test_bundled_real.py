"""The classifier that needs no training, on real photos that it never saw."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos, load
from pawlens.models import BundledPredictions

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real photos are not beside the repository"),
]


def never_seen(photos: Photos, count: int) -> Photos:
    """The first photos of the fifth that was held out, by content."""
    rows = []
    for row in range(len(photos)):
        digest = hashlib.sha256(photos.read_bytes(row)).hexdigest()
        if int(digest[:8], 16) % 5 == 0:
            rows.append(row)
    return photos.subset(rows[:: max(len(rows) // count, 1)][:count])


def answered(photos: Photos, *, rotations: bool = False) -> BundledPredictions:
    found = load().answer(photos, rotations=rotations)
    assert isinstance(found, BundledPredictions)
    return found


def test_cats_and_dogs() -> None:
    photos = never_seen(Photos.read(DATA / "dogs-vs-cats" / "train.zip"), 300)
    found = answered(photos)
    truth = [photo.label for photo in photos]
    best = [found.classes[i] for i in found.proba.argmax(axis=1)]
    assert np.mean([a == b for a, b in zip(best, truth, strict=True)]) > 0.9
    assert found.labels.count("neither") + found.labels.count("both") < 0.06 * len(photos)
    turned = answered(photos, rotations=True)
    assert np.mean(turned.proba.argmax(axis=1) == found.proba.argmax(axis=1)) > 0.9


def test_other_things_score_higher_than_pets() -> None:
    pets = answered(never_seen(Photos.read(DATA / "pets"), 150)).scores["neither"]
    others = Photos.read(DATA / "neither", labels=False)
    drawn_dogs = [i for i, photo in enumerate(others) if photo.path.startswith("cartoon-dog")]
    rows = sorted(set(range(len(others))) - set(drawn_dogs))
    scores = answered(others.subset(rows)).scores["neither"]
    assert np.mean(scores[:, None] > pets) > 0.9
