from __future__ import annotations

import hashlib
import io
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens.errors import RunError
from pawlens.photos import Photos, scan_photos
from pawlens.photos.scan import _scan as module


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (6, 6, 3), np.uint8)
    image = Image.fromarray(noise).resize((80, 60), Image.Resampling.BICUBIC)
    image.save(folder / "1.jpg", quality=95)
    image.resize((40, 30)).save(folder / "2.png")
    image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(folder / "3.gif")
    (folder / "4.jpg").write_bytes((folder / "1.jpg").read_bytes()[:300])
    (folder / "5.jpg").write_bytes(b"")
    (folder / "6.jpg").symlink_to(folder / "gone.jpg")
    return Photos.read(folder)


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_everything_is_told_and_nothing_raised(photos: Photos) -> None:
    seen: list[tuple[str, int, int]] = []
    scans = scan_photos(photos, progress=lambda *step: seen.append(step))
    assert [(s.format, s.width, s.height) for s in scans[:3]] == [
        ("JPEG", 80, 60),
        ("PNG", 40, 30),
        ("GIF", 80, 60),
    ]
    assert scans[0].sha256 == hashlib.sha256(photos.read_bytes(0)).hexdigest()
    assert [bool(s.problem) for s in scans] == [False] * 3 + [True] * 3
    assert "empty" in scans[4].problem
    assert scans[5].sha256 == ""
    assert seen[-1] == ("scanning photos", 6, 6)


def test_perceptual_hash_sees_the_picture(photos: Photos) -> None:
    one, other, flipped = [s.phash for s in scan_photos(photos)[:3]]
    assert len(one) == 16
    assert distance(one, other) <= 6 < distance(one, flipped)


def test_perceptual_hashes_are_those_of_imagehash() -> None:
    """Written down from imagehash.phash 4.3.2: hashes in users' caches stay comparable."""
    down, across = np.mgrid[:60, :80]
    slope = np.stack([3 * across, 4 * down, across + down], -1)
    rings = ((across - 30) ** 2 + (down - 20) ** 2) // 8 % 256
    checks = (across // 9 + down // 7) % 2 * 200
    pictures = [slope, *(np.repeat(grey[..., None], 3, -1) for grey in (rings, checks))]
    assert [module.perceptual_hashes(picture.astype(np.uint8))[0] for picture in pictures] == [
        "aa6aa753a4538736",
        "b525ca15c8f681f6",
        "d455555555555555",
    ]


def test_the_hash_of_the_mirror_image_is_told(photos: Photos, tmp_path: Path) -> None:
    mirror = Image.fromarray(photos.decode(0)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mirror.save(tmp_path / "mirror.png")
    (other,) = scan_photos(Photos.read(tmp_path / "mirror.png"))
    first = scan_photos(photos)[0]
    assert distance(first.mirrored, other.phash) <= 6 < distance(first.phash, other.phash)


def test_the_hash_of_the_mirror_image_is_that_of_mirrored_pixels() -> None:
    """Bit by bit, whatever the size: caches of earlier versions have those."""
    rng = np.random.default_rng(0)
    for height, width in rng.integers(9, 90, (300, 2)):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
        pixels = np.asarray(coarse.resize((int(width), int(height)), Image.Resampling.BICUBIC))
        one, mirrored = module.perceptual_hashes(pixels)
        mirror = np.ascontiguousarray(pixels[:, ::-1])
        assert module.perceptual_hashes(mirror) == (mirrored, one)


def test_a_photo_is_decoded_once(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = scan_photos(photos, cache_dir=tmp_path / "cache")
    monkeypatch.setattr(module, "perceptual_hashes", lambda pixels: pytest.fail("decoded again"))
    assert scan_photos(photos, cache_dir=tmp_path / "cache") == first
    assert not (photos.location / "scans.sqlite").exists()


def test_a_missing_extra_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heif = pytest.importorskip("pillow_heif")
    sink = io.BytesIO()
    heif.from_pillow(Image.new("RGB", (64, 64), "red")).save(sink)
    (tmp_path / "1.heic").write_bytes(sink.getvalue())
    photos = Photos.read(tmp_path / "1.heic")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pillow_heif", None)
        assert "pawlens[heic]" in scan_photos(photos, cache_dir=tmp_path / "c")[0].problem
    assert scan_photos(photos, cache_dir=tmp_path / "c")[0].format == "HEIC"


def test_damaged_cache_is_moved_aside(photos: Photos, tmp_path: Path) -> None:
    first = scan_photos(photos, cache_dir=tmp_path)
    (tmp_path / "scans.sqlite").write_bytes(b"no database" * 99)
    assert scan_photos(photos, cache_dir=tmp_path) == first
    assert (tmp_path / "scans.damaged").read_bytes().startswith(b"no database")
    with sqlite3.connect(tmp_path / "scans.sqlite") as db:
        assert db.execute("SELECT count(*) FROM scan_3").fetchone() == (3,)
    db.close()


def test_cache_that_cannot_be_made(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="file/cache: cannot be created"):
        scan_photos(photos, cache_dir=tmp_path / "file" / "cache")


def test_cache_that_cannot_be_written(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "scans.sqlite").mkdir()
    with pytest.raises(RunError, match=r"scans\.sqlite: cannot be used .*--cache-dir"):
        scan_photos(photos, cache_dir=tmp_path)


def test_full_disk(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(sqlite3.Connection):
        """A connection whose disk is full as soon as something is written."""

        def executemany(self, *_: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("database or disk is full")

    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, timeout: connect(path, timeout=timeout, factory=Full)
    )
    with pytest.raises(RunError, match="disk is full"):
        scan_photos(photos, cache_dir=tmp_path)
