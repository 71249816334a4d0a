"""Labels beside the photos of tars: where they are the labels, and where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from .shards import pictures, tar

CLASSES = pictures("cat/{}.jpg", "dog/{}.jpg")
NAMES = pictures("cat.{}.jpg", "dog.{}.jpg")


def beside(members: dict[str, bytes], text: str, ending: str = "txt") -> dict[str, bytes]:
    """Write a file beside each picture; the text may have its class and its number."""
    return members | {
        name.replace("jpg", ending): text.format(name[:3], name[-5]).encode() for name in members
    }


def labels(path: Path) -> dict[str, str | None]:
    return {photo.path: photo.label for photo in Photos.read(path)}


@pytest.mark.parametrize(
    "stray",
    [
        {"cat/0.txt": b"nice cat"},
        {"cat/0.json": b'{"label": "tabby"}'},
        {"cat/0.cls": b"7", "dog/1.cls": b"8"},
        {"cat/0.txt": b"a", "cat/1.txt": b"b", "dog/0.txt": b"c", "dog/1.txt": b"d"},
    ],
)
def test_a_few_files_beside_photos_of_class_folders(
    tmp_path: Path, stray: dict[str, bytes]
) -> None:
    photos = Photos.read(tar(tmp_path / "a.tar", CLASSES | stray))
    assert {photo.path: photo.label for photo in photos} == {name: name[:3] for name in CLASSES}
    assert f"a.tar: {len(stray)} of 8 photos have a file of labels or text" in photos.notes[-1]


def test_a_stray_text_beside_named_photos(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", NAMES | {"cat.txt": b"cats", "dog.0.txt": b"x"})
    assert labels(path) == {name: name[:3] for name in sorted(NAMES)}


@pytest.mark.parametrize("text", ["{0} {1} on a mat", '{{"width": 9, "hash": "{1}"}}'])
def test_descriptions_of_photos_in_class_folders(tmp_path: Path, text: str) -> None:
    members = beside(CLASSES, text, "json" if "width" in text else "txt")
    photos = Photos.read(tar(tmp_path / "a.tar", members))
    assert {photo.label for photo in photos} == {"cat", "dog"}
    assert "8 of 8 photos have a file of labels or text beside them" in photos.notes[-1]


@pytest.mark.parametrize("ending", ["cls", "txt", "json"])
def test_labels_beside_photos_in_folders_that_are_no_classes(tmp_path: Path, ending: str) -> None:
    text = '{{"label": "{0}"}}' if ending == "json" else "{0}"
    members = {f"part-{i % 2}/{name}": data for i, (name, data) in enumerate(NAMES.items())}
    members |= {
        name.replace("jpg", ending): text.format(name[7:10]).encode() for name in list(members)
    }
    assert labels(tar(tmp_path / "a.tar", members)) == {
        name: name[7:10] for name in members if name.endswith("jpg")
    }


def test_a_few_labels_where_nothing_else_tells_any(tmp_path: Path) -> None:
    members = pictures("{}.jpg", count=6) | {"0.cls": b"cat", "5.cls": b"dog"}
    photos = Photos.read(tar(tmp_path / "a.tar", members))
    assert [photo.label for photo in photos].count(None) == 4
    assert "4 of 6 photos have no label" in photos.notes[-1]


def test_numbers_beside_photos_have_the_names_of_their_class_folders(tmp_path: Path) -> None:
    members = CLASSES | {n.replace("jpg", "cls"): b"%d" % (n[:3] == "dog") for n in CLASSES}
    photos = Photos.read(tar(tmp_path / "a.tar", members))
    assert {photo.path: photo.label for photo in photos} == {name: name[:3] for name in CLASSES}
    assert "numbers are the classes that paths tell, as 0 is 'cat'" in photos.notes


def test_a_label_that_contradicts_its_class_folder(tmp_path: Path) -> None:
    members = beside(CLASSES, "{0}", "cls") | {"cat/0.cls": b"dog"}
    with pytest.raises(PhotosError, match=r"'cat/0\.jpg' lies in class folder 'cat', and the file"):
        Photos.read(tar(tmp_path / "a.tar", members))


def test_numbers_in_names_are_of_the_key(tmp_path: Path) -> None:
    members = beside(pictures("IMG.{}.jpg"), "{0}", "cls")
    members |= {f"IMG.{n}.cls": b"cat" if n < 2 else b"dog" for n in range(4)}
    assert list(labels(tar(tmp_path / "a.tar", members)).values()) == ["cat", "cat", "dog", "dog"]


def test_a_column_that_a_person_names_is_read_where_few_have_it(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", CLASSES | {"cat/0.json": b'{"hue": "red"}'})
    photos = Photos.read(path, label_column="hue")
    assert {photo.label for photo in photos} == {"red", None}
