"""Small pictures of a run's photos, for pages."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from pawlens import Photos
from pawlens.runs._photos import THUMBNAIL, small_jpeg, thumbnail


def test_a_thumbnail_is_small_and_of_that_very_photo(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((300, 600, 3), np.uint8)).save(tmp_path / "a.png")
    photos = Photos.read(tmp_path, labels=False)
    data = photos.read_bytes(0)
    picture = small_jpeg(data)
    with Image.open(io.BytesIO(picture)) as found:
        assert (found.format, found.size) == ("JPEG", (THUMBNAIL, THUMBNAIL // 2))
    assert thumbnail(photos, "a.png", hashlib.sha256(data).hexdigest()) == picture
    assert thumbnail(photos, "a.png", "0" * 64) is None
