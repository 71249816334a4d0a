from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

from pawlens.audit._beliefs import Beliefs
from pawlens.audit._parts import find_both
from pawlens.backbones import known_backbones
from pawlens.features import PARTS, FeatureExtractors, FeatureMatrix, PictureSource
from pawlens.heads import Head
from pawlens.photos import Photos, scan_photos

SPEC = known_backbones()[0].spec


class Redness:
    """Sees how red and how blue a photo is."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def extract(self, pictures: PictureSource, *, progress: object = None) -> FeatureMatrix:
        self.seen = list(pictures.keys)
        n = len(self.seen)
        squares = [pictures.pixels(item, [SPEC])[0] for item in range(n)]
        means = np.array([square.mean(axis=(0, 1))[[0, 2]] / 255 for square in squares])
        return FeatureMatrix(means.astype(np.float32), np.arange(n), [], [], n)


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    red, blue = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue")
    red.save(tmp_path / "0.png")
    blue.save(tmp_path / "1.png")
    both = red.copy()
    both.paste(blue.crop((0, 0, 30, 40)), (30, 0))
    both.save(tmp_path / "2.png")
    return Photos.read(tmp_path, labels=False)


def test_parts_that_contradict_each_other_are_found(photos: Photos) -> None:
    sight = Redness()
    head = Head.linear(np.array([[20, -20], [-20, 20]], np.float32), np.zeros(2, np.float32))
    proba = np.array([[0.999, 0.001], [0.6, 0.4], [0.5, 0.5]])
    beliefs = Beliefs(proba, np.full(3, np.nan), 0.01, head)
    hashes = [scan.sha256 for scan in scan_photos(photos)]
    found = find_both(
        photos,
        hashes,
        np.array([0, -1, 0]),
        beliefs,
        cast(FeatureExtractors, sight),
        ["red", "blue"],
    )
    assert found.found.tolist() == [False, False, True]
    assert "red in its left" in found.why[2] or "red in its top left" in found.why[2]
    assert found.score[0] == 0  # nobody doubts it, so it was not cut up
    assert len(sight.seen) == len(set(sight.seen)) == 2 * len(PARTS)


def test_nothing_doubted_is_nothing_to_do(photos: Photos) -> None:
    head = Head.linear(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    proba = np.array([[0.999, 0.001], [0.001, 0.999], [np.nan, np.nan]])
    beliefs = Beliefs(proba, np.full(3, np.nan), 0.01, head)
    sight = Redness()
    found = find_both(
        photos,
        [""] * 3,
        np.array([0, 1, 0]),
        beliefs,
        cast(FeatureExtractors, sight),
        ["red", "blue"],
    )
    assert not found.found.any()
    assert np.isnan(found.score[2])
    assert not sight.seen
