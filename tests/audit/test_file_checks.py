from __future__ import annotations

from pathlib import Path

import numpy as np

from pawlens.audit._detection import Detection
from pawlens.audit._file_checks import find_file_faults
from pawlens.photos import Photo, Photos, Scan
from pawlens.photos.stores._stores import FolderStore


def look(*scans: Scan, paths: list[str] | None = None) -> dict[str, Detection]:
    names = paths or [f"{i}.jpg" for i in range(len(scans))]
    photos = Photos([Photo(name) for name in names], FolderStore(Path()), name="x")
    return {one.kind: one for one in find_file_faults(photos, list(scans))}


def scan(width: int, height: int, kind: str = "JPEG") -> Scan:
    return Scan("0" * 64, width, height, kind)


def test_files_are_judged_by_what_they_hold() -> None:
    found = look(
        scan(80, 80),
        scan(80, 80, "GIF"),
        Scan("", problem="empty"),
        scan(50, 60),
        paths=["a.jpg", "b.jpg", "c.jpg", "d.JPEG"],
    )
    assert found["unreadable"].why == {2: "empty"}
    assert found["unreadable"].suggestion == {2: "drop"}
    assert found["wrong_extension"].why == {1: "it is a GIF"}
    assert found["tiny"].why == {3: "50 x 60 pixels"}
    assert np.isnan(found["tiny"].score[2])
    assert found["tiny"].score[3] > 0.5 > found["tiny"].score[0]


def test_odd_sizes_stand_out_from_the_others() -> None:
    common = [scan(400 + 10 * i, 300) for i in range(20)]
    found = look(*common, scan(4000, 3000), scan(40, 30))["odd_size"]
    assert np.flatnonzero(found.found).tolist() == [20, 21]
    assert "times as large as most" in found.why[20]
    assert "times smaller than most" in found.why[21]


def test_a_set_of_one_size_is_not_odd_and_small_changes_are_not_either() -> None:
    found = look(*[scan(200, 200)] * 30, scan(220, 200))
    assert not found["odd_size"].found.any()
    assert not found["odd_aspect"].found.any()


def test_upright_and_lying_photos_belong_together() -> None:
    found = look(*[scan(400, 300), scan(300, 400)] * 10, scan(900, 200))["odd_aspect"]
    assert np.flatnonzero(found.found).tolist() == [20]
    assert found.why[20] == "900 x 200 pixels, 4.5 times as wide as high"


def test_nothing_readable_is_no_error() -> None:
    found = look(Scan("", problem="empty"), Scan("", problem="empty"))
    assert found["unreadable"].found.all()
    assert not found["odd_size"].found.any()
