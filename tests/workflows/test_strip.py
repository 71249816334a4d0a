"""Copies without metadata: a row for every photo, nothing overwritten."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pawlens import decode, strip
from pawlens.errors import UsageError
from pawlens.photos import PLACE
from pawlens.workflows import _strip as module

from ..private_photos import SECRETS, private_photo

NAMES = {"a/1.jpg": "JPEG", "a/2.png": "PNG", "b/3.webp": "WEBP", "b/4.tif": "TIFF"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name, kind in NAMES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(private_photo(kind))
    (folder / "b" / "broken.jpg").write_bytes(private_photo("JPEG")[:200])
    return folder


def test_every_photo_has_a_row_and_no_copy_a_secret(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = {path: path.read_bytes() for path in photos.rglob("*.*")}
    rows = {row.path: row for row in strip(photos, out)}
    assert set(rows) == {*NAMES, "b/broken.jpg"}
    assert {path: path.read_bytes() for path in photos.rglob("*.*")} == before
    for name in NAMES:
        anew = name.endswith(".tif")
        assert rows[name].status == ("saved anew" if anew else "ok")
        assert rows[name].file == (f"{name}.png" if anew else name)
        assert rows[name].removed[0] == ("the photographer's name" if anew else PLACE)
        copy, photo = out / rows[name].file, photos / name
        np.testing.assert_array_equal(decode(copy.read_bytes()), decode(photo.read_bytes()))
    broken = rows["b/broken.jpg"]
    assert broken.file == ""
    assert broken.status.startswith("no copy: JPEG")
    with open(out / "stripped.csv", newline="") as file:
        written = {row["path"]: row for row in csv.DictReader(file)}
    assert written["b/broken.jpg"]["status"] == broken.status
    assert {path: row["file"] for path, row in written.items()} == {
        path: row.file for path, row in rows.items()
    }
    for path in out.rglob("*.*"):
        for secret in SECRETS:
            assert secret.encode() not in path.read_bytes(), path


def test_nothing_is_overwritten(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "a").mkdir(parents=True)
    (out / "a" / "1.jpg").write_bytes(b"mine")
    rows = {row.path: row.status for row in strip(photos, out)}
    assert rows["a/1.jpg"] == "no copy: the folder has a file of that name"
    assert rows["a/2.png"] == "ok"
    assert (out / "a" / "1.jpg").read_bytes() == b"mine"
    with pytest.raises(UsageError, match="nothing is overwritten"):
        strip(photos, out)
    first = (photos / "a" / "2.png").read_bytes()
    rows = {row.path: row.status for row in strip(photos, photos)}  # onto themselves
    assert rows["a/2.png"] == "no copy: the folder has a file of that name"
    assert (photos / "a" / "2.png").read_bytes() == first


@pytest.mark.parametrize(
    ("copy", "reason"),
    [
        (private_photo("BMP", seed=5), "would not show the same pixels"),
        (private_photo("JPEG"), "would still tell where it was taken"),
    ],
)
def test_a_copy_that_is_not_proven_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copy: bytes, reason: str
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(private_photo("JPEG"))
    monkeypatch.setattr(module, "without_metadata", lambda data: (copy, "JPEG"))
    (row,) = strip(tmp_path / "photos", tmp_path / "out")
    assert reason in row.status
    assert not (tmp_path / "out" / "1.jpg").exists()


@pytest.mark.parametrize("inside", ["a", "b"])
def test_copies_never_lie_among_the_photos(photos: Path, inside: str) -> None:
    for folder in (photos / inside, photos / inside / ".." / inside):
        before = sorted(photos.rglob("*"))
        with pytest.raises(UsageError, match="the photos themselves lie there"):
            strip(photos, folder)
        assert sorted(photos.rglob("*")) == before
    assert strip(photos, photos / "copies")[0].status == "ok"


def test_nothing_counts_as_removed_without_a_copy(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "a").mkdir(parents=True)
    (out / "a" / "1.jpg").write_bytes(b"another file")
    rows = {row.path: row for row in strip(photos, out)}
    assert rows["a/1.jpg"].removed == ()
    assert rows["a/2.png"].removed
