from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens.errors import PhotosError, UsageError
from pawlens.photos import (
    Photo,
    Photos,
    as_photos,
    given_groups,
    join_groups,
    prepare_table,
    with_groups,
)

_SEEDS = itertools.count(1000)


def draw(path: Path, seed: int | None = None, exif: Image.Exif | None = None) -> Path:
    """A smooth random picture, unlike that of any other seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(next(_SEEDS) if seed is None else seed).integers(
        0, 255, (9, 9, 3), np.uint8
    )
    picture = Image.fromarray(noise).resize((90, 70), Image.Resampling.BICUBIC)
    picture.save(path, quality=92, exif=exif or Image.Exif())
    return path


def shot(camera: str, taken: str) -> Image.Exif:
    """The EXIF of a photo."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", camera
    exif.get_ifd(0x8769)[0x9003] = taken
    return exif


def animals(folder: Path, *, classes: int = 2, of_class: int = 3, shots: int = 3) -> Path:
    """Photos in ``class/animal/photo``, each animal in one class."""
    for c in range(classes):
        for animal in range(of_class):
            for number in range(shots):
                draw(
                    folder / f"class{c}" / f"animal{c}{animal}" / f"a{c}{animal}_{number}.jpg",
                    100 * c + 10 * animal + number,
                )
    return folder


def test_groups_are_joined_through_others() -> None:
    first, second = np.array([0, 0, 1, 2, 3]), np.array([7, 5, 5, 4, 4])
    assert join_groups(first).tolist() == [0, 0, 1, 2, 3]
    assert join_groups(first, second).tolist() == [0, 0, 0, 1, 1]
    assert join_groups(np.empty(0, np.int64)).tolist() == []


def test_a_photo_without_a_group_is_one_of_its_own() -> None:
    photos = [Photo("a", group="x"), Photo("b"), Photo("c", group="x"), Photo("d", group="b")]
    assert given_groups(photos).tolist() == [0, 1, 0, 2]


def test_groups_by_folder(tmp_path: Path) -> None:
    animals(tmp_path)
    draw(tmp_path / "class0" / "alone.jpg", 999)
    photos = Photos.read(tmp_path, group="folder")
    assert photos.classes == ["class0", "class1"]
    names = {photo.path: photo.group for photo in photos}
    assert names["class0/animal01/a01_2.jpg"] == "animal01"
    assert names["class0/alone.jpg"] is None
    assert photos.notes[-1] == (
        "6 groups by the folder beneath the class folder, the largest of 3 photos; they are kept "
        "whole; 1 photo has none and is a group of its own"
    )


def test_the_first_folder_beneath_the_class_counts(tmp_path: Path) -> None:
    for c in "ab":
        draw(tmp_path / "train" / c / f"{c}1" / "monday" / "1.jpg", ord(c))
        draw(tmp_path / "train" / c / f"{c}1" / "tuesday" / "1.jpg", 2 * ord(c))
        draw(tmp_path / "test" / c / f"{c}2" / "monday" / "1.jpg", 3 * ord(c))
    found = {photo.group for photo in Photos.read(tmp_path, group="folder")}
    assert found == {"a1", "a2", "b1", "b2"}


def test_groups_by_a_pattern_of_names(tmp_path: Path) -> None:
    animals(tmp_path)
    photos = Photos.read(tmp_path, group_name=r"(\w+)_\d+")
    assert {photo.group for photo in photos} == {f"a{c}{k}" for c in range(2) for k in range(3)}
    by_path = Photos.read(tmp_path, group_name="(class./animal.)")
    assert {photo.group for photo in by_path} == {"class0/animal0", "class1/animal1"}


def test_one_name_in_two_classes_is_one_group_and_is_told(tmp_path: Path) -> None:
    for c in "ab":
        for name in ("rex", f"only{c}", f"more{c}", f"kit{c}", f"bo{c}"):
            draw(tmp_path / c / name / "1.jpg")
    photos = Photos.read(tmp_path, group="folder")
    assert photos.notes[-1].startswith("1 group has photos of several classes ('rex')")
    apart = Photos.read(tmp_path, group_name="(.+)/[^/]+$")  # as that note says
    assert len({photo.group for photo in apart}) == 10


def test_groups_of_a_list(tmp_path: Path) -> None:
    rows = [f"{i}.jpg,{'cat' if i < 4 else 'dog'},{name}" for i, name in enumerate("aabbccd ")]
    for i in range(8):
        draw(tmp_path / f"{i}.jpg", i)
    for column in ("group", "Animal"):
        (tmp_path / "list.csv").write_text("\n".join([f"path,label,{column}", *rows]))
        asked = None if column == "group" else "animal"
        photos = Photos.read(tmp_path / "list.csv", group=asked)
        assert [photo.group for photo in photos] == [*"aabbccd", None]
        assert f"4 groups by the column {column!r}" in photos.notes[-1]
        table = prepare_table(photos, n_folds=2, seed=0)
        assert table.fold[0] == table.fold[1]


@pytest.mark.parametrize("between", ["{}", "{}/images", "images/{}"])
def test_the_animal_is_the_group_and_not_the_split(tmp_path: Path, between: str) -> None:
    for c in ("cat", "dog"):
        for name in (f"{c}1", f"{c}2"):
            for split in ("train", "test"):
                draw(tmp_path / c / between.format(split) / name / "1.jpg")
    photos = Photos.read(tmp_path, group="folder")
    assert {photo.group for photo in photos} == {"cat1", "cat2", "dog1", "dog2"}


@pytest.mark.parametrize("column", ["group", "animal"])
@pytest.mark.parametrize("text", ["nan", "NA", "N/A", "none", "Unknown", "-", "?", "null"])
def test_an_unknown_group_is_none(tmp_path: Path, column: str, text: str) -> None:
    for i, name in enumerate(["rex", "rex", text, text, "tom", ""]):
        draw(tmp_path / f"{i}.jpg", i)
        with (tmp_path / "list.csv").open("a") as file:
            file.write("" if i else f"path,label,{column}\n")
            file.write(f"{i}.jpg,{'aabbab'[i]},{name}\n")
    photos = Photos.read(tmp_path / "list.csv", group=None if column == "group" else column)
    assert [photo.group for photo in photos] == ["rex", "rex", None, None, "tom", None]
    assert "3 photos have none, each is a group of its own" in photos.notes[-1]
    assert f"(read as none: {text!r} 2)" in photos.notes[-1]


def test_a_column_of_no_groups_that_nobody_asked_for_is_told(tmp_path: Path) -> None:
    draw(tmp_path / "1.jpg", 1)
    (tmp_path / "list.csv").write_text("path,label,group\n1.jpg,a,nan\n")
    photos = Photos.read(tmp_path / "list.csv")
    assert photos[0].group is None
    assert photos.notes[-1] == "the column 'group' has no group of any photo"


@pytest.mark.parametrize("asked", ["label", "file", "split"])
@pytest.mark.parametrize("further", ["", ",animal"])
def test_columns_that_are_no_groups_are_told(tmp_path: Path, asked: str, further: str) -> None:
    rows = "".join(f"{i}.jpg,{'ab'[i % 2]},train{further and ',rex'}\n" for i in range(4))
    for i in range(4):
        draw(tmp_path / f"{i}.jpg", i)
    (tmp_path / "list.csv").write_text(f"file,label,split{further}\n{rows}")
    reason = "the list has 'animal'" if further else "the list has none but those of photos"
    for source in (tmp_path / "list.csv", tmp_path):
        with pytest.raises(UsageError, match=reason):
            Photos.read(source, group=asked)


def test_groups_are_given_once(tmp_path: Path) -> None:
    photos = Photos.read(animals(tmp_path), group="folder")
    assert as_photos(photos) is photos
    assert as_photos(photos, group_name=r"a(\d)")[0].group == "0"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"group": "animal"}, "no such column .no list was read.; name a column of the list, or"),
        ({"group": "burst"}, "no photo has a group by camera and time in EXIF"),
        ({"group_name": "zebra(.)"}, "no photo has a group by the pattern 'zebra"),
        ({"group": "folder", "group_name": "(a)"}, "give one of the two"),
        ({"group_name": "a"}, "0 groups in parentheses; exactly one"),
        ({"group_name": "(a)(b)"}, "2 groups in parentheses; exactly one"),
        ({"group_name": "(a"}, "no regular expression .missing"),
        ({"group_name": "(a{99999999999})"}, "no regular expression"),
        ({"group_name": "(" + "a" * 400 + ")"}, "a pattern of 402 characters; use at most"),
    ],
)
def test_groups_that_cannot_be_told(tmp_path: Path, asked: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Photos.read(animals(tmp_path), **asked)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_pattern_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / f"{'a' * 60}!.jpg", 0)
    monkeypatch.setattr("pawlens.photos.groups._names._SECONDS", 1.0)
    with pytest.raises(UsageError, match="takes longer than 1 seconds on these names"):
        Photos.read(tmp_path, labels=False, group_name="((?:a+)+)$")


def test_bursts(tmp_path: Path) -> None:
    times = ["12:00:00", "12:00:03", "12:00:05", "12:00:09"]
    for number, time in enumerate(times):
        draw(tmp_path / f"{number}.jpg", number, shot("One", f"2026:11:30 {time}"))
    draw(tmp_path / "4.jpg", 4, shot("Two", "2026:11:30 12:00:09"))
    draw(tmp_path / "5.jpg", 5)
    groups = [photo.group for photo in Photos.read(tmp_path, labels=False, group="burst")]
    assert groups == ["burst 1"] * 3 + [None] * 3


def test_a_clock_that_was_not_set_makes_no_burst(tmp_path: Path) -> None:
    for number in range(32):
        draw(tmp_path / f"{number}.jpg", number, shot("One", "2000:01:01 00:00:00"))
    with pytest.raises(UsageError, match="no photo has a group"):
        Photos.read(tmp_path, labels=False, group="burst")


def test_a_class_of_one_group_is_refused(tmp_path: Path) -> None:
    for c, names in (("a", ["rex"]), ("b", ["tom", "kit"])):
        for name in names:
            for number in range(3):
                draw(tmp_path / c / name / f"{number}.jpg")
    with pytest.raises(PhotosError, match=r"all photos of class 'a' are of one group .'rex'."):
        prepare_table(Photos.read(tmp_path, group="folder"), n_folds=2, seed=0)


def test_fewer_folds_are_told(tmp_path: Path) -> None:
    table = prepare_table(Photos.read(animals(tmp_path), group="folder"), n_folds=5, seed=0)
    assert sorted(set(table.fold.tolist())) == [0, 1, 2]
    assert [note for note in table.notes if "folds" in note] == [
        "3 folds instead of 5: the photos of class 'class0' are of 3 groups, and no group is on "
        "both sides of a fold; add photos of others, or ask for --folds 3"
    ]


def test_groups_on_both_sides_of_the_users_split_are_told(tmp_path: Path) -> None:
    for c in "ab":
        for split in ("train", "test"):
            for name in (f"{c}1", f"{c}2", f"{c}{split}"):
                draw(tmp_path / split / c / name / "1.jpg")
    table = prepare_table(Photos.read(tmp_path, group="folder"), n_folds=2, seed=0)
    assert table.role.count("test") == 6  # they are told, and not set aside
    (note,) = [note for note in table.notes if "split" in note]
    assert note.startswith("4 of 6 photos of the split 'test' are of groups that also train")
    assert "'a1', 'a2', 'b1' and 1 more" in note


def test_near_duplicates_join_given_groups(tmp_path: Path) -> None:
    animals(tmp_path, of_class=4)
    copy = tmp_path / "class0" / "animal01" / "copy.jpg"
    copy.write_bytes((tmp_path / "class0" / "animal02" / "a02_0.jpg").read_bytes())
    table = prepare_table(Photos.read(tmp_path, group="folder"), n_folds=3, seed=0)
    one, two = (
        {
            number
            for number, photo in zip(table.group.tolist(), table.photos, strict=True)
            if photo.group == name
        }
        for name in ("animal01", "animal02")
    )
    assert len(one) == 1
    assert one == two
    assert len(set(table.twin.tolist())) == len(table.photos) - 1


def test_labels_that_are_decided_keep_the_group(tmp_path: Path) -> None:
    photos = Photos.read(animals(tmp_path), group="folder")
    table = prepare_table(photos, n_folds=2, seed=0, several=True)
    assert [photo.group for photo in table.photos] == [photo.group for photo in photos]


def test_with_groups_leaves_the_photos_alone(tmp_path: Path) -> None:
    photos = Photos.read(animals(tmp_path))
    grouped = with_groups(photos, "folder")
    assert [(p.path, p.labels, p.split) for p in grouped] == [
        (p.path, p.labels, p.split) for p in photos
    ]
    assert all(photo.group is None for photo in photos)


def test_groups_in_several_given_folds_are_told(tmp_path: Path) -> None:
    photos = Photos.read(animals(tmp_path), group="folder")
    rows = [
        replace(photo, fold=str(int("1" in photo.path.split("/")[1][7:]) if i else 1))
        for i, photo in enumerate(photos)
    ]
    table = prepare_table(photos.with_rows(rows), n_folds="given", seed=0)
    assert [note for note in table.notes if "folds" in note] == [
        "1 of 6 groups are in several of the given folds ('animal00'): what is measured is too "
        "good for new ones; move each group to one fold, or leave --folds given out"
    ]


def test_groups_whose_names_are_of_two_unicode_forms(tmp_path: Path) -> None:
    names = ("K\u00e4the", "Ka\u0308the", "Uwe")
    rows = [f"{draw(tmp_path / f'{i}.jpg').name},{'ab'[i % 2]},{names[i]}\n" for i in range(3)]
    (tmp_path / "list.csv").write_text("path,label,animal\n" + "".join(rows), encoding="utf-8")
    photos = Photos.read(tmp_path / "list.csv", group="animal")
    assert [photo.group for photo in photos] == ["K\u00e4the", "K\u00e4the", "Uwe"]
