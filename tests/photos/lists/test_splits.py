"""Lists of splits beside photos whose folders or names tell their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from ..lists_beside import BOTH, FOLDERS, TRAIN, put, reasons, told, write


def files(folder: Path, name: str, paths: Sequence[str]) -> None:
    write(folder, name, *paths)


def counts(photos: Photos) -> dict[str, int]:
    return dict(Counter(f"{photo.split} {photo.label}" for photo in photos))


HALVES = {"train cat": 3, "train dog": 3, "test cat": 3, "test dog": 3}


@BOTH
@pytest.mark.parametrize("kind", ["files", "tables", "column", "column and type"])
def test_lists_of_splits(tmp_path: Path, paths: list[str], kind: str) -> None:
    put(tmp_path, *paths)
    halves = {"train": paths[::2], "test": paths[1::2]}
    for split, own in halves.items():
        if kind == "files":
            files(tmp_path, f"{split}.txt", own)
        elif kind == "tables":
            write(tmp_path, f"{split}.csv", "file,width", *(f"{path},64" for path in own))
    if kind == "column":
        rows = [f"{path},{split}" for split, own in halves.items() for path in own]
        write(tmp_path, "split.csv", "file,split", *rows)
    if kind == "column and type":
        rows = [f"{path},JPEG,{split}" for split, own in halves.items() for path in own]
        write(tmp_path, "facts.csv", "file,type,split", *rows)
    assert counts(Photos.read(tmp_path)) == HALVES


@BOTH
def test_photos_in_no_list_of_splits_are_told(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    files(tmp_path, "test.txt", [paths[0], paths[6]])
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"train cat": 5, "train dog": 5, "test cat": 1, "test dog": 1}
    assert f"10 photos are not in test.txt and train, as {paths[1]}" in photos.notes
    files(tmp_path, "train.txt", [*paths[1:3], *paths[7:9]])
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1}
    note = f"6 photos are not in test.txt and train.txt and are left out, as {paths[3]}"
    assert note in photos.notes
    assert reasons(photos)[paths[3]] == "not in test.txt and train.txt"
    files(tmp_path, "train.txt", paths)
    with pytest.raises(PhotosError, match="is in several lists"):
        Photos.read(tmp_path)


@pytest.mark.parametrize("train", TRAIN)
@pytest.mark.parametrize("name", ["test_ids.csv", "test.txt", "sample.csv"])
def test_a_list_of_ids_beside_split_folders(tmp_path: Path, train: str, name: str) -> None:
    put(tmp_path, *TRAIN[train], *(f"test/t{number}.jpg" for number in range(4)))
    photos = Photos.read(write(tmp_path, name, "id", *(f"t{number}" for number in range(4))))
    assert counts(photos) == {"train cat": 4, "train dog": 4, "test None": 4}


@BOTH
def test_a_single_table_of_a_split_is_no_list_of_it(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    write(tmp_path, "test_results.csv", "file,score", *(f"{path},0.5" for path in paths[:4]))
    photos = Photos.read(tmp_path)
    assert {photo.path: photo.label for photo in photos} == told(paths)
    assert {photo.split for photo in photos} == {None}


def test_lists_of_other_splits_than_folders_are_told(tmp_path: Path) -> None:
    put(tmp_path, *(f"{split}/{n}" for split in ("train", "test") for n in FOLDERS))
    files(tmp_path, "val.txt", [f"train/{FOLDERS[0]}", f"train/{FOLDERS[6]}"])
    photos = Photos.read(tmp_path)
    assert {photo.split for photo in photos} == {"train", "test"}
    assert any("splits of val.txt are not used, as folders" in note for note in photos.notes)


@pytest.mark.parametrize("names", ["{}.jpg", "cat.{}.jpg", "IMG_{}.jpg"])
@pytest.mark.parametrize("kind", ["files", "column", "tables with labels"])
def test_splits_beside_a_list_of_labels(tmp_path: Path, names: str, kind: str) -> None:
    paths = [names.format(number) for number in range(8)]
    put(tmp_path, *paths)
    pets = [("cat", "dog")[number % 2] for number in range(8)]
    splits = ["train" if number < 4 else "test" for number in range(8)]
    write(tmp_path, "labels.csv", "file,label", *map(",".join, zip(paths, pets, strict=True)))
    if kind == "files":
        files(tmp_path, "train.txt", paths[:4])
        files(tmp_path, "test.txt", paths[4:])
    elif kind == "column":
        rows = map(",".join, zip(paths, splits, strict=True))
        write(tmp_path, "split.csv", "file,split", *rows)
    else:
        write(tmp_path, "train.csv", "file,type", *(f"{path},JPEG" for path in paths[:4]))
        write(tmp_path, "test.csv", "file,type", *(f"{path},JPEG" for path in paths[4:]))
    photos = Photos.read(tmp_path)
    assert [(photo.label, photo.split) for photo in photos] == list(zip(pets, splits, strict=True))


@BOTH
def test_tables_of_splits_that_share_photos_tell_none(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    for split in ("train", "test"):
        write(tmp_path, f"{split}_scores.csv", "file,score", *(f"{path},0.5" for path in paths))
    assert {photo.split for photo in Photos.read(tmp_path)} == {None}


@BOTH
def test_lists_of_splits_with_numbers_of_classes(tmp_path: Path, paths: list[str]) -> None:
    put(tmp_path, *paths)
    for split, own in (("train", paths[:10:2]), ("test", paths[1:10:2])):
        files(tmp_path, f"{split}.txt", [f"{path} {int('dog' in path)}" for path in own])
    photos = Photos.read(tmp_path)
    assert counts(photos) == {"train cat": 3, "train dog": 2, "test cat": 3, "test dog": 2}
    assert not {"train.txt", "test.txt"} & reasons(photos).keys()
    assert "train.txt: photos from column 1" in photos.notes
