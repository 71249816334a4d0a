"""Plain borders on real photos: found where planted, rare elsewhere, at any decoding scale."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos, decode
from pawlens.photos import find_border

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
COLOURS = ((255, 255, 255), (0, 0, 0), (128, 128, 128), (250, 248, 240))

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real photos are not beside the repository"),
]


def bordered(pixels: Any) -> bool:
    return find_border(pixels) != (0, 0, pixels.shape[1], pixels.shape[0])


def planted(photos: Photos, rows: Any, seed: int) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """JPEGs with a border of 7 to 30 % on one to four sides, and the box of the picture."""
    rng = np.random.default_rng(seed)
    for row in rows:
        pixels = photos.decode(int(row))
        height, width = pixels.shape[:2]
        sides = rng.integers(1, 16) >> np.arange(4) & 1
        shares = rng.uniform(0.07, 0.3, 4) * sides
        left, top, right, bottom = (shares * [width, height, width, height]).astype(int).tolist()
        shape = (top + height + bottom, left + width + right, 3)
        canvas = np.full(shape, COLOURS[rng.integers(4)], np.uint8)
        canvas[top : top + height, left : left + width] = pixels
        sink = io.BytesIO()
        Image.fromarray(canvas).save(sink, "JPEG", quality=int(rng.integers(70, 96)))
        yield sink.getvalue(), (left, top, left + width, top + height)


def test_planted_borders_are_found() -> None:
    photos = Photos.read(DATA / "dogs-vs-cats" / "train.zip", labels=False)
    rows = np.random.default_rng(0).permutation(len(photos))[:250]
    found = [(decode(data), box) for data, box in planted(photos, rows, 1)]
    off = [np.abs(np.subtract(find_border(pixels), box)).max() for pixels, box in found]
    assert np.mean([bordered(pixels) for pixels, _ in found]) > 0.98
    assert np.mean(np.array(off) <= 2) > 0.88


def test_borders_are_rare_among_photos_as_they_came() -> None:
    photos = Photos.read(DATA / "dogs-vs-cats" / "train.zip", labels=False)
    count = sum(bordered(photos.decode(row)) for row in range(0, len(photos), 2))
    assert 25 <= count <= 45  # 68 of all 8,800; 65 of them have a border


def test_a_reduced_scale_answers_alike() -> None:
    answers = []
    for kind in ("cats", "dogs"):
        photos = Photos.read(DATA / "original-size" / kind, labels=False)
        rows = range(len(photos))
        contents = [photos.read_bytes(row) for row in rows]
        contents += [data for data, _ in planted(photos, rows, 2)]
        answers += [bordered(decode(d)) == bordered(decode(d, min_side=160)) for d in contents]
    assert np.mean(answers) > 0.98
