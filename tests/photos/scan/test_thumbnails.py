"""Small pictures are small, and a photo that cannot be shown is named instead of lost."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos
from pawlens.photos import Side, jpeg, make_thumbnail, make_thumbnails


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    """A plain photo, one of noise, one that is damaged, and one that is gone by now."""
    noise = np.random.default_rng(0).integers(0, 256, (Side.SHEET, Side.SHEET, 3), dtype=np.uint8)
    Image.new("RGB", (600, 300), "orange").save(tmp_path / "a.png")
    Image.fromarray(noise).save(tmp_path / "b.png")
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    Image.new("RGB", (40, 30)).save(tmp_path / "d.png")
    photos = Photos.read(tmp_path, labels=False)
    (tmp_path / "d.png").unlink()
    return photos


def test_the_longer_side_is_brought_down(photos: Photos) -> None:
    picture = make_thumbnail(photos, 0)
    assert (picture.width, picture.height, picture.problem) == (Side.SHEET, Side.SHEET // 2, "")
    with Image.open(io.BytesIO(picture.jpeg)) as found:
        assert (found.format, found.size) == ("JPEG", (Side.SHEET, Side.SHEET // 2))


def test_noise_stays_within_its_bytes(photos: Photos) -> None:
    assert len(jpeg(photos.decode(1), Side.SHEET)) > 18_000
    assert 1000 < len(make_thumbnail(photos, 1).jpeg) <= 18_000


def test_photos_that_cannot_be_shown_say_why(photos: Photos) -> None:
    told: list[tuple[int, int | None]] = []
    made = make_thumbnails(
        photos, [3, 2, 0, 0], progress=lambda step, done, total: told.append((done, total))
    )
    assert sorted(made) == [0, 2, 3]
    assert [bool(made[row].jpeg) for row in (0, 2, 3)] == [True, False, False]
    assert "decoded" in made[2].problem
    assert "No such file" in made[3].problem
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_another_photo_under_the_same_name_is_not_shown(photos: Photos) -> None:
    assert make_thumbnail(photos, 0, sha256="0" * 64).problem == "another photo by now"


def test_pixels_keep_their_size_unless_told() -> None:
    with Image.open(io.BytesIO(jpeg(np.zeros((30, 40, 3), np.uint8)))) as found:
        assert found.size == (40, 30)
