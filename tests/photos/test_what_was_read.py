from __future__ import annotations

from pathlib import Path

from pawlens.photos import Photo, Photos, Skipped, what_was_read
from pawlens.photos.stores._stores import FolderStore


def told(*photos: Photo, skipped: list[Skipped] | None = None, **facts: object) -> list[str]:
    store = FolderStore(Path())
    return what_was_read(Photos(photos, store, name="n", skipped=skipped or [], **facts))  # type: ignore[arg-type]


def test_classes_splits_and_where_the_labels_are_from() -> None:
    photos = [Photo(str(i), (f"c{i % 2}",), "train" if i < 4 else "valid") for i in range(6)]
    assert told(
        *photos, Photo("7", (), "test"), labels_from="class folders", notes=["guessed"]
    ) == [
        "7 read: c0 3, c1 3, without a label 1; labels from class folders",
        "splits: train 4, valid 2, test 1 (without labels)",
        "guessed",
    ]


def test_many_classes_are_counted() -> None:
    (line,) = told(*(Photo(str(i), (f"c{i}",)) for i in range(30)))
    assert line.startswith("30 read: c0 1, c1 1, ")
    assert line.endswith("c11 1, and 18 more of 30 classes")


def test_several_labels_count_each() -> None:
    assert told(Photo("1", ("a", "b")), Photo("2", ("b",))) == ["2 read: a 1, b 2"]


def test_a_class_of_formats_that_are_not_read_is_named() -> None:
    assert told(Photo("1.jpg", ("cat",)), Photo("2.jxl", ("dog",)), Photo("3.nef", ("dog",)))[
        1:
    ] == [
        "not read: 1 file, JPEG XL (2.jxl); 1 file, a camera's raw file (3.nef)",
        "class 'dog' has no photo that is read",
    ]


def test_a_class_with_a_photo_that_is_read_is_not_named() -> None:
    assert told(Photo("1.jpg", ("cat",)), Photo("2.jxl", ("cat",)), Photo("3.jpg", ("dog",))) == [
        "3 read: cat 2, dog 1",
        "not read: 1 file, JPEG XL (2.jxl)",
    ]


def test_what_was_left_out_is_counted_by_reason() -> None:
    skipped = [Skipped(f"{i}.txt", "not a photo") for i in range(3)]
    skipped += [Skipped("@eaDir/", "of the system"), Skipped("a/@eaDir/", "of the system")]
    assert told(Photo("1"), skipped=skipped) == [
        "1 read, without labels",
        "left out: 3 files, not a photo (0.txt); 2 folders, of the system (@eaDir/)",
    ]
    many = [Skipped(str(i), f"reason {i}") for i in range(9)]
    assert told(Photo("1"), skipped=many)[1].endswith("1 file, reason 5 (5); 3 for other reasons")


def test_a_single_photo_was_named() -> None:
    assert told(Photo("1.jpg")) == []
