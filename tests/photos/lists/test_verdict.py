"""Lists of labels beside photos whose folders or names tell labels too: who is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from ..lists_beside import BOTH, FOLDERS, PETS, TRAIN, labels, put, reasons, told, write


def listed(folder: Path, header: str, paths: Sequence[str], cells: Callable[[int], str]) -> None:
    rows = (f"{path},{cells(number)}" for number, path in enumerate(paths))
    write(folder, "list.csv", header, *rows)


WEAK: dict[str, tuple[str, Callable[[int], str]]] = {
    "animals": ("filename,animal", lambda i: f"rex{i // 3}"),
    "one animal": ("filename,animal", lambda _: "rex"),
    "formats": ("file,type", lambda i: ("JPEG", "PNG")[i % 2]),
    "edited": ("file,kind", lambda i: ("original", "edited")[i % 2]),
    "tags": ("file,tags", lambda i: ("red", "blue")[i % 2]),
    "grades": ("image,grade", lambda i: "AB"[i % 2]),
    "corners": ("filename,x,y,w,h", lambda i: f"{i},{i % 3},9,9"),
    "flags": ("filename,blurry,dark", lambda i: f"{i % 2},{i // 2 % 2}"),
    "classes of boxes": (
        "filename,xmin,ymin,xmax,ymax,class",
        lambda i: f"1,1,9,9,{('head', 'body')[i % 2]}",
    ),
    "classes of centred boxes": (
        "filename,class,x_center,y_center,width,height",
        lambda i: f"{('head', 'body')[i % 2]},1,1,9,9",
    ),
    "measures": ("file,target", lambda i: f"{i * 0.37:.2f}"),
    "checksums": ("file,md5", lambda i: f"{i:032x}"),
    "sizes": ("file,width,height", lambda i: f"{i},9"),
}


@BOTH
@pytest.mark.parametrize("case", WEAK)
def test_what_may_be_something_else_is_no_label(
    tmp_path: Path, paths: list[str], case: str
) -> None:
    header, cells = WEAK[case]
    put(tmp_path, *paths)
    listed(tmp_path, header, paths, cells)
    photos = Photos.read(tmp_path)
    assert labels(photos) == told(paths)
    said = " ".join([*photos.notes, *reasons(photos).values()])
    assert "not used for labels, as" in said
    assert "--label-column" in said
    column = header.split(",")[-1]
    assert len(photos.further[column]) == len(paths)
    assert Photos.read(tmp_path, label_column="none").classes == ["cat", "dog"]


@BOTH
def test_a_column_that_is_no_label_tells_groups(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    listed(tmp_path, "filename,animal", paths, lambda i: f"rex{i // 3}")
    photos = Photos.read(tmp_path, group="animal")
    assert photos.classes == ["cat", "dog"]
    assert len({photo.group for photo in photos}) == 4
    photos = Photos.read(tmp_path, label_column="animal")
    assert photos.classes == ["rex0", "rex1", "rex2", "rex3"]
    assert any("(cat, dog) are not used for labels" in note for note in photos.notes)
    with pytest.raises(PhotosError, match="--label-column animl: there is no such column"):
        Photos.read(tmp_path, label_column="animl")


@BOTH
@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_a_list_of_few_photos_is_no_label(tmp_path: Path, paths: list[str], count: int) -> None:
    put(tmp_path, *paths)
    listed(tmp_path, "file,breed", paths[:count], lambda i: "ab"[i % 2])
    photos = Photos.read(tmp_path)
    assert labels(photos) == told(paths)
    assert any(f"others of {count} of 12 photos" in note for note in photos.notes)


def test_a_list_in_a_class_folder(tmp_path: Path) -> None:
    put(tmp_path, *FOLDERS)
    rows = [f"cat{number}.jpg,{'ab'[number % 2]}" for number in range(6)]
    write(tmp_path, "cat/breeds.csv", "file,breed", *rows)
    photos = Photos.read(tmp_path, group="breed")
    assert labels(photos) == told(FOLDERS)
    assert {photo.group for photo in photos} == {"a", "b", None}


@BOTH
def test_a_list_of_other_classes_wins_and_says_so(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    listed(tmp_path, "file,breed", paths, lambda i: "ab"[i % 2])
    photos = Photos.read(tmp_path)
    assert photos.classes == ["a", "b"]
    assert any("(cat, dog) are not used for labels, as list.csv" in n for n in photos.notes)
    assert Photos.read(tmp_path, label_column="none").classes == ["cat", "dog"]


@BOTH
def test_a_list_that_lacks_a_few_photos_is_asked_about(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    listed(tmp_path, "file,breed", paths[1:], lambda i: "ab"[i % 2])
    with pytest.raises(PhotosError, match=r"others of 11 of 12 photos \(a, b\): which are meant"):
        Photos.read(tmp_path)
    assert Photos.read(tmp_path, label_column="none").classes == ["cat", "dog"]
    assert Photos.read(tmp_path, label_column="breed").classes == ["a", "b"]


def test_two_lists_of_other_labels_are_asked_about(tmp_path: Path) -> None:
    put(tmp_path, *FOLDERS)
    for name, letters in (("breeds.csv", "ab"), ("labels.csv", "xy")):
        rows = (f"{path},{letters[number % 2]}" for number, path in enumerate(FOLDERS))
        write(tmp_path, name, "file,label", *rows)
    with pytest.raises(PhotosError, match=r"2 lists .*; --label-column none takes the labels"):
        Photos.read(tmp_path)
    assert Photos.read(tmp_path, label_column="none").classes == ["cat", "dog"]


def test_boxes_of_coco_are_no_labels_of_photos(tmp_path: Path) -> None:
    put(tmp_path, *FOLDERS)
    content = {
        "images": [{"id": number, "file_name": path} for number, path in enumerate(FOLDERS)],
        "categories": [{"id": 1, "name": "head"}],
        "annotations": [
            {"image_id": number, "category_id": 1, "bbox": [1, 1, 9, 9]} for number in range(12)
        ],
    }
    write(tmp_path, "annotations.json", json.dumps(content))
    assert labels(Photos.read(tmp_path)) == told(FOLDERS)


@pytest.mark.parametrize(("name", "wins"), [("labels.json", True), ("pet_list.json", False)])
def test_an_object_of_photos_is_what_its_name_says(tmp_path: Path, name: str, wins: bool) -> None:
    put(tmp_path, *FOLDERS)
    write(tmp_path, name, json.dumps({path: f"rex{i // 3}" for i, path in enumerate(FOLDERS)}))
    assert Photos.read(tmp_path).classes == (
        ["rex0", "rex1", "rex2", "rex3"] if wins else ["cat", "dog"]
    )


def test_folders_that_cannot_be_read_beside_a_table_of_animals(tmp_path: Path) -> None:
    put(tmp_path, *FOLDERS, "stray.jpg")
    listed(tmp_path, "file,animal", FOLDERS, lambda i: f"rex{i // 3}")
    with pytest.raises(PhotosError, match=r"'stray\.jpg' lies beside class folder"):
        Photos.read(tmp_path)
    listed(tmp_path, "file,label", FOLDERS, lambda i: "ab"[i % 2])
    photos = Photos.read(tmp_path)
    assert photos.classes == ["a", "b"]
    assert any(note.startswith("folders are not used for labels: 'stray") for note in photos.notes)


HELD_OUT: dict[str, tuple[list[str], str, list[str]]] = {
    "a table": (
        [f"test/{number}.jpg" for number in range(8)],
        "test_labels.csv",
        ["id,label", *(f"{number},{PETS[number % 2]}" for number in range(8))],
    ),
    "a table in the folder": (
        [f"test/{number}.jpg" for number in range(8)],
        "test/labels.csv",
        ["file,class", *(f"{number}.jpg,{PETS[number % 2]}" for number in range(8))],
    ),
    "a table without a header": (
        [f"test/t{number}.jpg" for number in range(8)],
        "test.csv",
        [f"t{number}.jpg,{PETS[number % 2]}" for number in range(8)],
    ),
    "a table with boxes": (
        [f"test/images/t{number}.JPEG" for number in range(8)],
        "test/test_annotations.txt",
        [f"t{number}.JPEG\t{PETS[number % 2]}\t0\t0\t61\t62" for number in range(8)],
    ),
}


@pytest.mark.parametrize("train", TRAIN)
@pytest.mark.parametrize("case", HELD_OUT)
def test_a_list_of_the_held_out_split(tmp_path: Path, train: str, case: str) -> None:
    test, name, rows = HELD_OUT[case]
    put(tmp_path, *TRAIN[train], *test)
    photos = Photos.read(write(tmp_path, name, *rows))
    held = [photo for photo in photos if photo.split == "test"]
    assert [photo.label for photo in held] == [PETS[number % 2] for number in range(8)]
    assert sum(photo.split == "train" for photo in photos) == 8
    assert f"labels of 8 photos are from {name}" in photos.notes
    assert not any("without labels" in note for note in photos.notes)


def test_lists_of_splits_that_number_the_classes_of_folders(tmp_path: Path) -> None:
    put(tmp_path, *TRAIN["folders"], *(f"test/t{number}.jpg" for number in range(4)))
    rows = [f"{path},{int(path[6:9] == 'dog')}" for path in TRAIN["folders"]]
    write(tmp_path, "train_labels.csv", "file,label", *rows)
    write(tmp_path, "test_labels.csv", "id,label", *(f"t{n},{n % 2}" for n in range(4)))
    photos = Photos.read(tmp_path)
    assert [photo.label for photo in photos if photo.split == "test"] == ["cat", "dog"] * 2
    assert photos.classes == ["cat", "dog"]


def test_a_list_of_half_of_the_held_out_split(tmp_path: Path) -> None:
    put(tmp_path, *TRAIN["folders"], *(f"test/t{number}.jpg" for number in range(4)))
    write(tmp_path, "test_labels.csv", "id,label", "t0,cat", "t1,dog")
    photos = Photos.read(tmp_path)
    assert sum(not photo.labels for photo in photos) == 2
    assert not any("without labels" in note for note in photos.notes)


def test_labels_of_the_held_out_split_in_other_words(tmp_path: Path) -> None:
    put(tmp_path, *TRAIN["folders"], *(f"test/t{number}.jpg" for number in range(4)))
    write(tmp_path, "test_labels.csv", "id,label", *(f"t{n},{n % 2}" for n in range(4)))
    photos = Photos.read(tmp_path)
    assert sum(not photo.labels for photo in photos) == 4
    assert any("its labels (0, 1) are none of the classes" in note for note in photos.notes)
    rows = [f"t{n},{('cat', 'dog', 'owl')[n % 3]}" for n in range(4)]
    write(tmp_path, "test_labels.csv", "id,label", *rows)
    with pytest.raises(PhotosError, match="test has class 'owl', which train lacks"):
        Photos.read(tmp_path)


def test_photos_without_labels_stay_beside_a_list_of_the_others(tmp_path: Path) -> None:
    put(tmp_path, *TRAIN["folders"], *(f"test/t{number}.jpg" for number in range(4)))
    listed(tmp_path, "file,label", TRAIN["folders"], lambda i: PETS[i // 4])
    photos = Photos.read(tmp_path)
    assert [photo.split for photo in photos] == ["train"] * 8 + ["test"] * 4
    assert sum(not photo.labels for photo in photos) == 4
