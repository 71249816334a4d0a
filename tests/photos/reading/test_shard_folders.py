"""Tars without labels beside their photos: each is read like a folder of its name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from .shards import pictures, tar

CLASSES = pictures("cat/{}.jpg", "dog/{}.jpg")
NAMES = pictures("cat.{}.jpg", "dog.{}.jpg")
LIST = b"id,label\n" + b"".join(b"%d.jpg,%s\n" % (n, (b"cat", b"dog")[n > 3]) for n in range(8))
LISTED = pictures("{}.jpg", count=8) | {"labels.csv": LIST}


def counted(photos: Photos) -> dict[tuple[str | None, str | None], int]:
    """Count photos by label and split, after their bytes were found again by their paths."""
    again = Photos.at(photos.location, list(photos))
    assert [again.read_bytes(i) for i in range(len(again))]
    return dict(Counter((photo.label, photo.split) for photo in photos))


@pytest.mark.parametrize("members", [CLASSES, NAMES, LISTED], ids=["classes", "names", "list"])
@pytest.mark.parametrize(
    ("name", "split"),
    [("a", None), ("train", "train"), ("cats_train", "train"), ("test-00000-of-00001", "test")],
)
def test_a_tar_keeps_its_labels_and_the_split_of_its_name(
    tmp_path: Path, members: dict[str, bytes], name: str, split: str | None
) -> None:
    path = tar(tmp_path / "tars" / f"{name}.tar", members)
    for source in (path, path.parent):
        assert counted(Photos.read(source)) == {("cat", split): 4, ("dog", split): 4}
        assert {photo.split for photo in Photos.read(source, labels=False)} == {None}


@pytest.mark.parametrize("members", [CLASSES, NAMES, LISTED], ids=["classes", "names", "list"])
@pytest.mark.parametrize(
    "names", [("train", "val"), ("pets_train", "pets_val"), ("train/0", "val/0")]
)
def test_a_folder_of_splits(
    tmp_path: Path, members: dict[str, bytes], names: tuple[str, str]
) -> None:
    for name in names:
        tar(tmp_path / f"{name}.tar", members)
    found = counted(Photos.read(tmp_path))
    assert found == {(label, split): 4 for label in ("cat", "dog") for split in ("train", "valid")}


def test_splits_inside_a_tar_are_those_of_its_folders(tmp_path: Path) -> None:
    names = [f"{split}/{label}/{{}}.jpg" for split in ("train", "val") for label in ("cat", "dog")]
    path = tar(tmp_path / "training_data.tar", pictures(*names))
    found = counted(Photos.read(path))
    assert found == {(label, split): 4 for label in ("cat", "dog") for split in ("train", "valid")}


def test_a_tar_for_each_class(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        tar(tmp_path / f"{label}.tar", pictures(f"{label}_{{}}.jpg"))
    tar(tmp_path / "bird.tar", {})
    photos = Photos.read(tmp_path)
    assert counted(photos) == {("cat", None): 4, ("dog", None): 4}
    assert photos.paths[0] == "cat.tar/cat_0.jpg"
    assert list(photos.notes) == ["folders without a photo: bird"]


def test_tars_that_are_parts(tmp_path: Path) -> None:
    tar(tmp_path / "part-0.tar", pictures("cat/{}.jpg"))
    tar(tmp_path / "part-1.tar", pictures("dog/{}.jpg"))
    assert counted(Photos.read(tmp_path)) == {("cat", None): 4, ("dog", None): 4}


def test_a_list_beside_tars(tmp_path: Path) -> None:
    tar(tmp_path / "images.tar", pictures("{}.jpg", count=8))
    (tmp_path / "labels.csv").write_bytes(LIST)
    photos = Photos.read(tmp_path)
    assert counted(photos) == {("cat", None): 4, ("dog", None): 4}
    assert photos.paths[0] == "images.tar/0.jpg"


def test_messages_call_tars_as_they_are_on_disk(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tar(tmp_path / f"{name}.tar", CLASSES)
    with pytest.raises(PhotosError, match=r"name one, as in .*/a\.tar;"):
        Photos.read(tmp_path)


def test_lists_in_several_parts_are_joined(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tar(tmp_path / f"{name}.tar", LISTED)
    photos = Photos.read(tmp_path)
    assert counted(photos) == {("cat", None): 8, ("dog", None): 8}
    labels = {photo.path: photo.labels for photo in photos}
    for place in range(8):
        assert labels[f"a.tar/{place}.jpg"] == labels[f"b.tar/{place}.jpg"]


def test_tars_of_splits_with_other_classes_are_refused(tmp_path: Path) -> None:
    tar(tmp_path / "train.tar", CLASSES)
    tar(tmp_path / "test.tar", pictures("cat/{}.jpg", "dog/{}.jpg", "owl/{}.jpg"))
    with pytest.raises(PhotosError, match="test has class 'owl', which train lacks"):
        Photos.read(tmp_path)
