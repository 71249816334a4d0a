from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from pawlens.audit import _appearance as module
from pawlens.audit._appearance import measure_appearance
from pawlens.audit._detection import Detection
from pawlens.audit._quality import find_quality
from pawlens.photos import Photos, scan_photos


def picture() -> Image.Image:
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize((300, 240))
    return Image.fromarray(
        np.clip(np.asarray(coarse) + rng.normal(0, 12, (240, 300, 3)), 0, 255).astype(np.uint8)
    )


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    folder = tmp_path / "photos"
    folder.mkdir()
    plain = picture()
    made = {
        "0 plain": plain,
        "1 blurred": plain.filter(ImageFilter.GaussianBlur(6)),
        "2 dark": ImageEnhance.Brightness(plain).enhance(0.15),
        "3 light": Image.blend(Image.new("RGB", plain.size, "white"), plain, 0.15),
        "4 blank": Image.new("RGB", plain.size, (120, 120, 120)),
        "5 border": ImageOps.expand(plain, (100, 60, 0, 0), "white"),
    }
    for name, one in made.items():
        one.save(folder / f"{name}.png")
    (folder / "6 broken.png").write_bytes(b"")
    return Photos.read(folder, labels=False)


def quality(photos: Photos, cache: Path | None = None) -> dict[str, Detection]:
    hashes = ["" if scan.problem else scan.sha256 for scan in scan_photos(photos)]
    looks = measure_appearance(photos, hashes, cache_dir=cache)
    return {one.kind: one for one in find_quality(looks)}


def test_each_flaw_is_found_where_it_is(photos: Photos) -> None:
    found = quality(photos)
    for row, kind in enumerate(["blurred", "dark", "light", "blank", "border"], start=1):
        rows = set(np.flatnonzero(found[kind].found).tolist())
        assert row in rows, kind
        assert not {0, 6} & rows, kind
        assert np.isnan(found[kind].score[6])
        assert set(found[kind].why) == rows
    assert found["border"].why[5] == "the picture is 300 x 240 of 400 x 300 pixels"
    assert found["border"].suggestion == {5: "trim"}


def test_a_photo_is_looked_at_once(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = quality(photos, tmp_path)
    monkeypatch.setattr(module, "measure", lambda pixels: pytest.fail("measured again"))
    second = quality(photos, tmp_path)
    for kind, one in first.items():
        assert np.array_equal(one.score, second[kind].score, equal_nan=True)


def test_the_border_of_a_large_photo_is_given_in_its_own_pixels(tmp_path: Path) -> None:
    large = picture().resize((1500, 1200))
    ImageOps.expand(large, (301, 0, 299, 0), "black").save(tmp_path / "1.jpg", quality=95)
    photos = Photos.read(tmp_path, labels=False)
    (look,) = measure_appearance(photos, [scan_photos(photos)[0].sha256])
    assert look is not None
    assert abs(look.left - 301) <= 3
    assert abs(look.right - 1801) <= 3
    assert (look.top, look.bottom, look.width, look.height) == (0, 1200, 2100, 1200)
