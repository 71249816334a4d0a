"""Folders as people really have them, drawn: a test for each kind, named as the kind is."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from pawlens import Photos
from pawlens.errors import PhotosError
from pawlens.pages import sentences
from pawlens.photos import explore, scan_photos, what_was_read

from ..striped import fill, striped


def counts(photos: Photos) -> dict[str, int]:
    return dict(Counter(photo.label or "" for photo in photos))


def encoded(kind: str, number: int = 0) -> bytes:
    sink = io.BytesIO()
    striped("dog", number).save(sink, kind)
    return sink.getvalue()


def test_avif(tmp_path: Path) -> None:
    folder = fill(tmp_path, 4)
    for i in range(4, 8):
        (folder / "dog" / f"{i}.avif").write_bytes(encoded("AVIF", i))
    photos = Photos.read(folder)
    assert counts(photos) == {"cat": 4, "dog": 8}
    assert Counter(scan.format for scan in scan_photos(photos)) == {"JPEG": 8, "AVIF": 4}


def test_predict_other_formats(tmp_path: Path) -> None:
    for name, kind in (("1.jpg", "JPEG"), ("2.avif", "AVIF"), ("3.jp2", "JPEG2000"), ("4", "PPM")):
        (tmp_path / name).write_bytes(encoded(kind))
    (tmp_path / "5.tga").write_bytes(encoded("TGA"))
    (tmp_path / "6.dcm").write_bytes(b"\0" * 128 + b"DICM")
    photos = Photos.read(tmp_path, labels=False)
    problems = {p: s.problem for p, s in zip(photos.paths, scan_photos(photos), strict=True)}
    assert len(problems) == 6
    assert not problems["1.jpg"] + problems["2.avif"]
    for name, kind in {
        "3.jp2": "JPEG 2000",
        "4": "a Netpbm",
        "5.tga": "TGA",
        "6.dcm": "a DICOM",
    }.items():
        assert problems[name].startswith(kind)
        assert "which is not read" in problems[name]


def test_broken_heads(tmp_path: Path) -> None:
    for kind in ("PNG", "GIF", "TIFF", "WEBP", "BMP"):
        (tmp_path / f"cut.{kind.lower()}").write_bytes(encoded(kind)[:14])
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    problems = [scan.problem for scan in scan_photos(Photos.read(tmp_path))]
    assert len(problems) == 6
    for problem in problems:
        assert problem.endswith("cannot be decoded: the file is damaged or cut short")


def test_doubled(tmp_path: Path) -> None:
    for part, start in (("training_set", 0), ("test_set", 6)):
        fill(tmp_path / part / part, 6 - start // 2, start=start, classes=("cats", "dogs"))
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"cats": 9, "dogs": 9}
    assert Counter(photo.split for photo in photos) == {"train": 12, "test": 6}


def test_three_folds(tmp_path: Path) -> None:
    for fold in range(3):
        fill(tmp_path / f"fold{fold + 1}", 2, start=2 * fold)
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"cat": 6, "dog": 6}
    assert {photo.fold for photo in photos} == {"fold1", "fold2", "fold3"}


def test_nas(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    (tmp_path / "cat" / "0.jpg").rename(tmp_path / "cat" / "._0.jpg")
    fill(tmp_path, 1, classes=("@eaDir", "#recycle", ".thumbnails", "lost+found"))
    (tmp_path / "bird").mkdir()
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"cat": 2, "dog": 3}
    assert {one.path for one in photos.skipped} == {
        "@eaDir/",
        "#recycle/",
        ".thumbnails/",
        "lost+found/",
        "cat/._0.jpg",
    }
    assert "folders without a photo: bird" in what_was_read(photos)


def test_two_spellings(tmp_path: Path) -> None:
    one, other = (unicodedata.normalize(form, "Kätzchen") for form in ("NFC", "NFD"))
    fill(tmp_path / "a", 3, classes=(one, "Hund"))
    fill(tmp_path / "b", 3, start=3, classes=(other, "Hund"))
    (tmp_path / "list.csv").write_text(
        "path,label\n"
        + "".join(
            f"{c}/{label}/{i}.jpg,{label}\n"
            for c, label, i in [("a", one, 0), ("b", other, 3), ("a", "Hund", 1)]
        ),
        encoding="utf-8",
    )
    assert Photos.read(tmp_path / "list.csv").classes == ["Hund", one]
    (tmp_path / "b" / other).rename(tmp_path / "a" / other)
    photos = Photos.read(tmp_path / "a")
    assert counts(photos) == {one: 6, "Hund": 3}
    (tmp_path / "b" / "Hund").rename(tmp_path / "a" / "hund")
    with pytest.raises(PhotosError, match=r"are 'Hund' and 'hund' one class\? give them"):
        Photos.read(tmp_path / "a")


def test_zips_in_a_folder(tmp_path: Path) -> None:
    for name in ("train.zip", "test.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("cat.1.jpg", encoded("JPEG"))
    (tmp_path / "sampleSubmission.csv").write_text("id,label\n1,0.5\n")
    for labels in (True, False):
        with pytest.raises(PhotosError, match=r"2 zips \(test\.zip, train\.zip\); .*/train\.zip$"):
            Photos.read(tmp_path, labels=labels)


def test_unlabelled_test(tmp_path: Path) -> None:
    fill(tmp_path / "train", 4)
    (tmp_path / "test").mkdir()
    for name in ("IMG_1.jpg", "IMG_2.jpg", "DSC_1.jpg", "cat_7.jpg"):
        (tmp_path / "test" / name).write_bytes(encoded("JPEG"))
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"cat": 4, "dog": 4, "": 4}
    assert {photo.split for photo in photos if not photo.labels} == {"test"}
    assert "test has no class folders: its photos are without labels" in what_was_read(photos)


def test_two_cameras(tmp_path: Path) -> None:
    for i in range(6):
        name = f"{'IMG' if i % 2 else 'DSC'}_{i:04d}.jpg"
        striped("cat", i).save(tmp_path / name)
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"": 6}
    assert "file names of cameras or programs are no classes: DSC, IMG" in what_was_read(photos)


def test_a_picture_that_claims_another_format_is_read_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "1.nef").write_bytes(encoded("JPEG"))
    (tmp_path / "2.nef").write_bytes(encoded("TIFF"))  # a raw file holds a preview as TIFF
    Image.new("RGB", (4, 4)).save(tmp_path / "3.jpg", "PPM")
    problems = [scan.problem for scan in scan_photos(Photos.read(tmp_path))]
    assert problems[0] == ""
    assert problems[1].startswith("a camera's raw file, which is not read")
    assert problems[2].startswith("a Netpbm picture")


def test_a_list_that_spells_a_class_in_two_ways(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    rows = ["cat/0.jpg,Cat", "cat/1.jpg,cat", "dog/0.jpg,dog"]
    (tmp_path / "mine.csv").write_text("\n".join(["path,label", *rows]))
    with pytest.raises(PhotosError, match=r"are 'Cat' and 'cat' one class\?"):
        Photos.read(tmp_path / "mine.csv")
    assert len(Photos.read(tmp_path / "mine.csv", labels=False)) == 3


def test_a_class_that_cannot_be_read_is_named_by_an_exploration(tmp_path: Path) -> None:
    folder = fill(tmp_path, 3)
    for photo in (folder / "dog").iterdir():
        photo.write_bytes(encoded("JPEG2000"))  # whatever its ending says
    said = sentences(explore(Photos.read(folder)))
    reason = "JPEG 2000, which is not read; save it as JPEG or PNG"
    assert said[-1] == f"No photo of class dog can be read, as dog/0.jpg: {reason}."
    assert not any("class cat" in sentence for sentence in said)
