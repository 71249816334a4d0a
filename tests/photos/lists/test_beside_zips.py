"""Lists that lie beside the zip with their photos."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from ..lists_beside import labels, write

ROWS = ("file,label", "1.jpg,cat", "2.jpg,dog")


def pack(place: Path, *names: str) -> None:
    with zipfile.ZipFile(place, "w") as archive:
        for name in names:
            archive.writestr(name, b"")


@pytest.mark.parametrize("around", ["", "photos/"])
@pytest.mark.parametrize("named", ["", "labels.csv"])
def test_a_list_beside_its_zip(tmp_path: Path, around: str, named: str) -> None:
    pack(tmp_path / "photos.zip", f"{around}1.jpg", f"{around}2.jpg")
    write(tmp_path, "labels.csv", *ROWS)
    photos = Photos.read(tmp_path / named)
    assert labels(photos) == {f"{around}1.jpg": "cat", f"{around}2.jpg": "dog"}
    assert photos.location == tmp_path / "photos.zip"
    assert "labels.csv: the photos are in photos.zip" in photos.notes
    assert photos.read_bytes(0) == b""


def test_a_zip_beside_its_list(tmp_path: Path) -> None:
    pack(tmp_path / "photos.zip", "1.jpg", "2.jpg")
    assert not Photos.read(tmp_path / "photos.zip").notes
    write(tmp_path, "labels.csv", *ROWS)
    (note,) = Photos.read(tmp_path / "photos.zip").notes
    assert note == "lists beside it were not read (labels.csv); name one to take its labels"


def test_a_list_of_a_zip_among_several(tmp_path: Path) -> None:
    pack(tmp_path / "other.zip", "3.jpg")
    with pytest.raises(PhotosError, match=r"labels\.csv: none of its 2 photos is there"):
        Photos.read(write(tmp_path, "labels.csv", *ROWS) / "labels.csv")
    pack(tmp_path / "one.zip", "1.jpg", "2.jpg")
    photos = Photos.read(tmp_path)
    assert photos.classes == ["cat", "dog"]
    assert "not read: other.zip; name one alone to read it" in photos.notes
    pack(tmp_path / "two.zip", "1.jpg")
    with pytest.raises(PhotosError, match=r"its photos are in one\.zip and two\.zip; unpack"):
        Photos.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("sampleSubmission.csv", ("id,label", "1,0.5", "2,0.5")),
        ("sample_submission.csv", ("id,cat,dog", "1,0.5,0.5", "2,0.5,0.5")),
        ("test_ids.csv", ("id", "1", "2")),
    ],
)
def test_a_form_to_fill_in_beside_zips_is_no_list_of_labels(
    tmp_path: Path, name: str, rows: tuple[str, ...]
) -> None:
    pack(tmp_path / "train.zip", "cat.1.jpg", "dog.1.jpg")
    pack(tmp_path / "test.zip", "1.jpg", "2.jpg")
    write(tmp_path, name, *rows)
    with pytest.raises(
        PhotosError, match=r"2 zips \(test\.zip, train\.zip\); give the same command"
    ):
        Photos.read(tmp_path)
