"""Small pictures of a run's photos, for pages."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from pawlens import Photos
from pawlens.photos import make_thumbnail
from pawlens.runs import thumbnail


def test_a_thumbnail_is_of_that_very_photo(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((300, 600, 3), np.uint8)).save(tmp_path / "a.png")
    photos = Photos.read(tmp_path, labels=False)
    sha256 = hashlib.sha256(photos.read_bytes(0)).hexdigest()
    assert thumbnail(photos, "a.png", sha256) == make_thumbnail(photos, 0)
    assert thumbnail(photos, "a.png", "0" * 64).problem == "another photo by now"
    assert thumbnail(None, "a.png", sha256).problem == "not at hand"
    (tmp_path / "a.png").unlink()
    assert "No such file" in thumbnail(photos, "a.png", sha256).problem
