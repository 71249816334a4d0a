"""What headers tell, within the limits of the one decoder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pawlens.photos import Photos, Scan, scan_photos
from pawlens.photos.decoding import _decode as decoder
from pawlens.photos.scan._headers import Header, read_headers


def test_mode_bytes_and_orientation(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "1.jpg", exif=exif)
    Image.new("L", (30, 20)).save(tmp_path / "2.png")
    photos = Photos.read(tmp_path)
    scans = scan_photos(photos)
    first, second = read_headers(photos, scans)
    size = (tmp_path / "1.jpg").stat().st_size
    assert first == Header(scans[0].sha256, size, "RGB", 6)
    assert first.on_its_side
    assert (second.mode, second.orientation) == ("L", 1)


def test_what_the_decoder_does_not_open_is_not_opened_for_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo may have changed since it was scanned."""
    Image.new("RGB", (30, 20)).save(tmp_path / "foreign.jpg", "PPM")
    Image.new("RGB", (300, 200)).save(tmp_path / "huge.jpg")
    photos = Photos.read(tmp_path)
    as_if = [Scan("a" * 64, 30, 20, "JPEG"), Scan("b" * 64, 30, 20, "JPEG")]
    monkeypatch.setattr(decoder, "MAX_PIXELS", 1000)
    assert [header.mode for header in read_headers(photos, as_if)] == ["", ""]
