"""Times of photos: of a column of their list, or of EXIF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos
from pawlens.photos import scan_photos
from pawlens.workflows._photo_times import photo_times, read_time


def test_times_of_exif_are_read_and_a_clock_that_was_not_set_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        exif = Image.Exif()
        stamp = "2000:01:01 00:00:00" if number < 35 else f"2026:11:{number - 30:02} 12:00:00"
        exif.get_ifd(0x8769)[0x9003] = stamp
        colour = (number * 6, 255 - number, number)
        Image.new("RGB", (40, 40), colour).save(folder / f"{number:02}.jpg", exif=exif)
    photos = Photos.read(folder, labels=False)
    times = photo_times(photos, scan_photos(photos))
    assert np.isnan(times[:35]).all()
    assert (np.diff(times[35:]) == 86_400).all()


def test_a_column_of_times_goes_before_exif(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=6, dog=6)
    rows = [
        f"{kind}/{path.name},{kind},street {k},2026-11-{k + 1:02}\n"
        for kind in ("cat", "dog")
        for k, path in enumerate(sorted((folder / kind).iterdir()))
    ]
    (folder / "photos.csv").write_text("path,label,place,seen\n" + "".join(rows))
    photos = Photos.read(folder / "photos.csv")
    times = photo_times(photos, scan_photos(photos))
    assert np.isfinite(times).all()
    assert len(set(times.tolist())) == 6


@pytest.mark.parametrize(
    "text", ["", "street 4", "12", "20261130", "2026-13-01", "2026:11:xx 12:00:00", "0000:00:00"]
)
def test_what_is_no_time(text: str) -> None:
    assert np.isnan(read_time(text))


def test_times_are_ordered_whatever_their_form() -> None:
    texts = ["2026:11:30 11:59:59", "2026-11-30T12:00:00", "2026-11-30T12:00:01Z", "2026-12-01"]
    assert np.all(np.diff([read_time(text) for text in texts]) > 0)
