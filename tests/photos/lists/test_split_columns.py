"""Columns of splits, whatever they are called, and columns that only look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

LABELS = ["cat", "dog"] * 4
HELD_OUT = ["train"] * 4 + ["valid"] * 2 + ["test"] * 2


def read(folder: Path, header: str, *columns: list[str], labels: bool = True) -> Photos:
    names = [f"{number}.jpg" for number in range(8)]
    for name in names:
        (folder / name).write_bytes(b"\xff\xd8\xff")
    cells = [names, *([LABELS] if labels else []), *columns]
    lines = [",".join(row) for row in zip(*cells, strict=True)]
    (folder / "x.csv").write_text(
        "\n".join([header, *lines] if header else lines), encoding="utf-8"
    )
    return Photos.read(folder / "x.csv")


def splits(photos: Photos) -> list[str | None]:
    return [photo.split for photo in photos]


@pytest.mark.parametrize(
    "name",
    ["dataset", "Data Set", "partition", "subset", "fold", "data_subset", "part", "mode", "划分"],
)
@pytest.mark.parametrize("words", [("train", "val", "test"), ("Training", "dev", "hold-out")])
def test_a_column_of_words_for_splits(
    tmp_path: Path, name: str, words: tuple[str, str, str]
) -> None:
    cells = [dict(zip(("train", "valid", "test"), words, strict=True))[split] for split in HELD_OUT]
    photos = read(tmp_path, f"file,label,{name}", cells)
    assert splits(photos) == HELD_OUT
    assert f"splits from column {name!r}" in photos.notes[0]
    assert photos.classes == ["cat", "dog"]


def test_splits_without_labels_or_a_header(tmp_path: Path) -> None:
    assert splits(read(tmp_path, "file,part", HELD_OUT, labels=False)) == HELD_OUT
    assert splits(read(tmp_path, "", HELD_OUT, labels=False)) == HELD_OUT
    assert splits(read(tmp_path, "", HELD_OUT)) == HELD_OUT
    assert splits(read(tmp_path, "file,cat,dog,part", *marks(), HELD_OUT, labels=False)) == HELD_OUT


def marks() -> list[list[str]]:
    return [[f"{label == name:d}" for label in LABELS] for name in ("cat", "dog")]


@pytest.mark.parametrize("name", ["test", "is_test", "holdout", "in_test", "is_holdout"])
def test_a_mark_of_what_is_held_out(tmp_path: Path, name: str) -> None:
    photos = read(tmp_path, f"file,label,{name}", list("00000011"))
    assert splits(photos) == ["train"] * 6 + ["test"] * 2


def test_a_class_that_is_called_like_a_split_is_a_class(tmp_path: Path) -> None:
    photos = read(tmp_path, "file,train,bus", *marks(), labels=False)
    assert photos.classes == ["bus", "train"]
    assert splits(photos) == [None] * 8
    photos = read(tmp_path, "file,label", ["train", "test"] * 4, labels=False)
    assert photos.classes == ["test", "train"]


@pytest.mark.parametrize(
    ("name", "cells", "odd"),
    [
        ("partition", list("00001122"), "'0', '1', '2'"),
        ("set", list("00001111"), "'0', '1'"),
        ("subset", ["tr"] * 4 + ["te"] * 4, "'te', 'tr'"),
        ("划分", ["训练集"] * 4 + ["测试集"] * 4, "'测试集', '训练集'"),
        ("dataset", ["train"] * 4 + ["extra", "test"] * 2, "'extra'"),
        ("part", ["train"] * 4 + ["extra", "test"] * 2, "'extra'"),
    ],
)
def test_what_is_not_read_as_a_split_is_told(
    tmp_path: Path, name: str, cells: list[str], odd: str
) -> None:
    told = f"column {name!r} is not read as a split, as it holds {odd}; write train, valid or test"
    photos = read(tmp_path, f"file,label,{name}", cells)
    assert splits(photos) == [None] * 8
    assert any(told in note for note in photos.notes)
    if name != "part":
        photos = read(tmp_path, f"file,cat,dog,{name}", *marks(), cells, labels=False)
        assert photos.classes == ["cat", "dog"]
        assert any(told in note for note in photos.notes)
    if name == "partition":
        with pytest.raises(PhotosError, match="'partition' is not read as a split"):
            read(tmp_path, f"file,{name}", cells, labels=False)


def test_columns_that_say_nothing_of_splits_are_not_told(tmp_path: Path) -> None:
    cells = [["a", "b"] * 4, ["3"] * 8, list("12345678"), ["train", "bus"] * 4]
    photos = read(tmp_path, "file,label,place,set,age,scene", *cells)
    assert not any("not read as a split" in note for note in photos.notes)


@pytest.mark.parametrize("names", ["is_valid,is_test", "dataset,part", "subset,test"])
def test_two_columns_that_say_different_splits_are_refused(tmp_path: Path, names: str) -> None:
    words = ["train"] * 4 + ["test"] * 4
    columns = {
        "is_valid": list("00001100"), "is_test": list("00000011"), "test": list("00000011"),
        "dataset": words, "subset": words, "part": HELD_OUT,
    }  # fmt: skip
    with pytest.raises(PhotosError, match="say different splits; write one column split"):
        read(tmp_path, f"file,label,{names}", *(columns[name] for name in names.split(",")))


def test_the_column_that_is_called_split_wins(tmp_path: Path) -> None:
    words = ["train", "test"] * 4
    assert splits(read(tmp_path, "file,label,part,split", words, HELD_OUT)) == HELD_OUT


def test_a_column_of_splits_that_a_person_named_as_labels(tmp_path: Path) -> None:
    read(tmp_path, "file,label,part", HELD_OUT)
    photos = Photos.read(tmp_path / "x.csv", label_column="part")
    assert splits(photos) == [None] * 8
    assert photos.classes == ["test", "train", "valid"]
