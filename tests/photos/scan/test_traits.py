"""Traits of files: what was measured of each, kept by content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from pawlens.photos import Photos, scan_photos
from pawlens.photos.scan import _traits as traits_of
from pawlens.photos.scan._traits import Traits, read_traits


def read(folder: Path, cache: Path | None = None) -> dict[str, Traits]:
    photos = Photos.read(folder, labels=False)
    rows = list(range(len(photos)))
    found = read_traits(photos, scan_photos(photos), rows, cache_dir=cache)
    return dict(zip(photos.paths, found, strict=True))


def test_how_files_were_saved(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    colours = Image.fromarray(rng.integers(0, 256, (60, 80, 3)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "EOS 5D"
    colours.save(tmp_path / "a.jpg", quality=95, exif=exif)
    colours.save(tmp_path / "b.jpg", quality=50)
    colours.convert("L").convert("RGB").save(tmp_path / "c.png")
    ImageOps.expand(colours, 20, "white").save(tmp_path / "d.png")
    (tmp_path / "e.jpg").write_bytes(b"\xff\xd8\xff torn")
    found = read(tmp_path)
    assert found["a.jpg"].camera == "Canon EOS 5D"
    assert found["a.jpg"].size == (tmp_path / "a.jpg").stat().st_size
    assert found["b.jpg"].camera == ""
    assert 0 < found["a.jpg"].compression < found["b.jpg"].compression
    assert (found["c.png"].mode, found["c.png"].compression) == ("grey", 0)
    assert found["a.jpg"].mode == "RGB"
    assert found["d.png"].border == pytest.approx(1000 * (1 - 60 * 80 / (100 * 120)), abs=1)
    assert found["d.png"].frame == 0 < found["a.jpg"].frame
    assert found["e.jpg"] == Traits("")


def test_a_content_that_was_seen_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (40, 40), (9, 99, 9)).save(tmp_path / "photos" / "a.png")
    first = read(tmp_path / "photos", tmp_path)
    monkeypatch.setattr(traits_of, "decode", lambda *_, **__: pytest.fail("read again"))
    assert read(tmp_path / "photos", tmp_path) == first
