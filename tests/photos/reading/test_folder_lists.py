"""Lists among photos: which one tells the labels, and when class folders do."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from ..lists_beside import labels, put, reasons, write

FLAT = ("cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg")
CLASSES = ("cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg")


def test_a_list_wins_over_the_names_of_files(tmp_path: Path) -> None:
    put(tmp_path, *FLAT)
    rows = [f"{name},{label}" for name, label in zip(FLAT, ("a", "b", "a", "b"), strict=True)]
    photos = Photos.read(write(tmp_path, "labels.csv", "filename,label", *rows))
    assert list(labels(photos).values()) == ["a", "b", "a", "b"]
    assert not photos.skipped
    assert "labels from column 'label'" in photos.notes[0]


def test_photos_without_a_row_are_left_out_by_name(tmp_path: Path) -> None:
    put(tmp_path, "IMG_0.jpg", "IMG_1.jpg", "DSC_0.jpg", "DSC_1.jpg")
    photos = Photos.read(write(tmp_path, "labels.csv", "id,label", "IMG_0,a", "DSC_0,b"))
    assert len(photos) == 2
    assert reasons(photos)["IMG_1.jpg"] == "not in labels.csv"
    assert "2 photos are not in labels.csv, as 'DSC_1.jpg'" in photos.notes


def test_a_list_that_says_what_class_folders_say(tmp_path: Path) -> None:
    put(tmp_path, *CLASSES)
    rows = [f"{name},{name[:3]}" for name in CLASSES]
    write(tmp_path, "labels.csv", "path,label,animal", *(f"{row},x" for row in rows))
    photos = Photos.read(tmp_path)
    assert set(photos.further) == {"animal"}
    assert photos.classes == ["cat", "dog"]
    write(tmp_path, "labels.csv", "path,label", *rows[:2])
    photos = Photos.read(tmp_path)
    assert len(photos) == 4
    assert reasons(photos)["labels.csv"] == "class folders say the same, also of 2 photos more"


def test_a_list_that_contradicts_class_folders_is_asked_about(tmp_path: Path) -> None:
    put(tmp_path, *CLASSES)
    write(tmp_path, "labels.csv", "path,label", "cat/0.jpg,dog", "dog/0.jpg,cat")
    message = r"'cat/0\.jpg' lies in class folder 'cat', and the list beside it says 'dog'"
    with pytest.raises(PhotosError, match=message):
        Photos.read(tmp_path)


def test_folders_that_are_no_classes_of_the_list(tmp_path: Path) -> None:
    put(tmp_path, "photos/1.jpg", "photos/2.jpg", "masks/1m.jpg", "masks/2m.jpg")
    write(tmp_path, "labels.csv", "id,label", "1,cat", "2,dog")
    photos = Photos.read(tmp_path)
    assert labels(photos) == {"photos/1.jpg": "cat", "photos/2.jpg": "dog"}
    assert reasons(photos)["masks/1m.jpg"] == "not in labels.csv"


def test_tables_that_are_no_lists_of_these_photos(tmp_path: Path) -> None:
    put(tmp_path, *CLASSES)
    write(tmp_path, "weights.csv", "name,kg", "Rex,30")
    write(tmp_path, "odd.csv", "bild,gut", "cat/0.jpg,1")
    write(tmp_path, "sampleSubmission.csv", "id,label", "0,0.5")
    write(tmp_path, "answers.csv", "path,status,label,p:cat,p:dog", "cat/0.jpg,ok,dog,0,1")
    (tmp_path / "latin.csv").write_bytes("path,label\ncat/0.jpg,Kätzchen\n".encode("cp1252"))
    photos = Photos.read(tmp_path)
    assert photos.classes == ["cat", "dog"]
    told = reasons(photos)
    assert told["weights.csv"] == "no list of these photos: it names none of them"
    assert "no column is known to hold the photos" in told["odd.csv"]
    assert told["sampleSubmission.csv"] == "a submission, not labels; name it with --ids"
    assert told["answers.csv"].startswith("answers of a model, not labels")
    assert "not UTF-8" in told["latin.csv"]


def test_without_class_folders_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "IMG_0.jpg", "IMG_1.jpg", "DSC_0.jpg", "DSC_1.jpg")
    write(tmp_path, "list.csv", "image,choice", "IMG_0.jpg,a")
    with pytest.raises(PhotosError, match=r"list\.csv: no column is known .*; or move it away"):
        Photos.read(tmp_path)
    photos = Photos.read(tmp_path, label_column="choice")
    assert labels(photos) == {"IMG_0.jpg": "a"}
    assert len(Photos.read(tmp_path, labels=False)) == 4


@pytest.mark.parametrize("name", ["metadata.csv", "_classes.csv", "labels.csv"])
def test_a_list_in_each_split_folder(tmp_path: Path, name: str) -> None:
    for split in ("train", "valid", "test"):
        put(tmp_path, f"{split}/1.jpg", f"{split}/2.jpg")
        if name == "_classes.csv":
            write(tmp_path, f"{split}/{name}", "filename, cat, dog", "1.jpg, 1, 0", "2.jpg, 0, 1")
        else:
            write(tmp_path, f"{split}/{name}", "file_name,label", "1.jpg,cat", "2.jpg,dog")
    photos = Photos.read(tmp_path)
    assert labels(photos) == {
        f"{split}/{n}.jpg": label
        for split in ("train", "valid", "test")
        for n, label in ((1, "cat"), (2, "dog"))
    }
    assert all(photo.split == photo.path.partition("/")[0] for photo in photos)


def test_a_competition_s_folder(tmp_path: Path) -> None:
    put(tmp_path, "train/1.jpg", "train/2.jpg", "test/1.jpg", "test/2.jpg")
    write(tmp_path, "train.csv", "id,breed", "1,cat", "2,dog")
    write(tmp_path, "test.csv", "id", "1", "2")
    write(tmp_path, "sample_submission.csv", "id,cat,dog", "1,0.5,0.5", "2,0.5,0.5")
    photos = Photos.read(tmp_path)
    assert labels(photos) == {
        "train/1.jpg": "cat", "train/2.jpg": "dog", "test/1.jpg": None, "test/2.jpg": None,
    }  # fmt: skip
    assert [photo.split for photo in photos] == ["train", "train", "test", "test"]


def test_splits_are_those_of_folders_where_the_list_tells_none(tmp_path: Path) -> None:
    put(tmp_path, *(f"{split}/{name}" for split in ("train", "test") for name in CLASSES))
    rows = [f"{split}/{name},{name[:3]}" for split in ("train", "test") for name in CLASSES]
    write(tmp_path, "labels.csv", "path,label", *rows)
    photos = Photos.read(tmp_path)
    assert photos.notes
    assert {photo.split for photo in photos} == {"train", "test"}
    assert all(photo.path.startswith(f"{photo.split}/") for photo in photos)
    given = [f"{row},{'test' if 'train' in row else 'train'}" for row in rows]
    write(tmp_path, "labels.csv", "path,label,split", *given)
    assert not any(photo.path.startswith(str(photo.split)) for photo in Photos.read(tmp_path))
    write(tmp_path, "labels.csv", "path,label", *(row for row in rows if row[:8] != "test/cat"))
    assert len(Photos.read(tmp_path)) == 8  # the class folders say more
    for name in CLASSES:
        for split in ("train", "test"):
            (tmp_path / split / name).rename(tmp_path / split / name.replace("/", ""))
    write(tmp_path, "labels.csv", "id,label", "train/cat0,a", "train/dog0,b", "test/cat0,a")
    with pytest.raises(PhotosError, match="test has no photo of class 'b', which train has"):
        Photos.read(tmp_path)


def test_pictures_in_a_table_among_photos(tmp_path: Path) -> None:
    put(tmp_path, "1.jpg")
    image = [{"bytes": b"1", "path": "2.jpg"}]
    pq.write_table(pa.table({"image": image, "label": ["cat"]}), tmp_path / "more.parquet")
    told = reasons(Photos.read(tmp_path))
    assert told == {"more.parquet": "it holds pictures of its own; name it alone to read them"}


def test_lists_in_a_folder_beside_the_photos(tmp_path: Path) -> None:
    put(tmp_path, *(f"images/{n}.jpg" for n in range(4)))
    write(tmp_path, "splits/train.txt", "0.jpg cat", "1.jpg dog")
    write(tmp_path, "splits/val.txt", "2.jpg cat", "3.jpg dog")
    photos = Photos.read(tmp_path)
    assert [(p.path, p.label, p.split) for p in photos] == [
        ("images/0.jpg", "cat", "train"),
        ("images/1.jpg", "dog", "train"),
        ("images/2.jpg", "cat", "valid"),
        ("images/3.jpg", "dog", "valid"),
    ]


def test_several_lists_that_may_be_meant(tmp_path: Path) -> None:
    put(tmp_path, *FLAT)
    write(tmp_path, "a.csv", "id,label", "cat.0,a", "dog.0,b")
    write(tmp_path, "b.csv", "id,label", "cat.1,a", "dog.1,b")
    with pytest.raises(PhotosError, match=r"2 lists of its photos \(a\.csv, b\.csv\); name"):
        Photos.read(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").rename(tmp_path / f"{'train' if name == 'a' else 'test'}.csv")
    assert {photo.split for photo in Photos.read(tmp_path)} == {"train", "test"}
    write(tmp_path, "test.csv", "id,label", "cat.0,a", "dog.0,b")
    with pytest.raises(PhotosError, match=r"'cat\.0\.jpg' is in several lists"):
        Photos.read(tmp_path)


def test_a_list_of_which_no_photo_is_there(tmp_path: Path) -> None:
    put(tmp_path, "00001.jpg", "00002.jpg")
    write(tmp_path, "labels.csv", "id,label", "1,cat", "2,dog")
    message = r"labels\.csv: none of its 2 photos is there; for '1' .*/1 was tried, and every name"
    with pytest.raises(PhotosError, match=message):
        Photos.read(tmp_path)
    write(tmp_path, "good.csv", "id,label", "00001,cat", "00002,dog")
    assert reasons(Photos.read(tmp_path))["labels.csv"].startswith("no list of these photos")


def test_a_list_inside_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("1.jpg", "2.jpg"):
            archive.writestr(f"pets/images/{name}", b"")
        rows = [{"file_name": "1.jpg", "label": "cat"}, {"file_name": "2.jpg", "label": "dog"}]
        archive.writestr("pets/metadata.jsonl", "\n".join(map(json.dumps, rows)))
    photos = Photos.read(tmp_path / "a.zip")
    assert labels(photos) == {"pets/images/1.jpg": "cat", "pets/images/2.jpg": "dog"}
    again = Photos.at(photos.location, list(photos))
    assert again.read_bytes(0) == b""


@pytest.mark.parametrize(
    ("folder", "name", "cell"),
    [
        ("{batch}", "{batch}/labels.csv", "{photo}.jpg"),
        ("{batch}/images", "{batch}/labels.csv", "{photo}.jpg"),
        ("data/{batch}", "data/{batch}/labels.csv", "{photo}"),
        ("{batch}", "{batch}.csv", "{batch}/{photo}.jpg"),
        ("{batch}", "lists/{batch}.csv", "../{batch}/{photo}.jpg"),
    ],
)
def test_lists_of_several_folders_are_joined(
    tmp_path: Path, folder: str, name: str, cell: str
) -> None:
    for batch in ("batch1", "batch2"):
        put(tmp_path, *(f"{folder.format(batch=batch)}/{number}.jpg" for number in range(4)))
        rows = [
            f"{cell.format(batch=batch, photo=number)},{('cat', 'dog')[number % 2]}"
            for number in range(4)
        ]
        write(tmp_path, name.format(batch=batch), "file,label", *rows)
    photos = Photos.read(tmp_path)
    assert len(photos) == 8
    assert labels(photos)[f"{folder.format(batch='batch2')}/3.jpg"] == "dog"
    assert {photo.split for photo in photos} == {None}


def test_the_same_list_in_two_forms(tmp_path: Path) -> None:
    put(tmp_path, "1.jpg", "2.jpg")
    write(tmp_path, "labels.csv", "file,label", "1.jpg,cat", "2.jpg,dog")
    write(tmp_path, "labels.json", json.dumps({"1.jpg": "cat", "2.jpg": "dog"}))
    photos = Photos.read(tmp_path)
    assert labels(photos) == {"1.jpg": "cat", "2.jpg": "dog"}
    assert reasons(photos)["labels.json"] == "not used for labels, as labels.csv tells them"


def test_labels_and_a_table_of_animals(tmp_path: Path) -> None:
    put(tmp_path, "1.jpg", "2.jpg")
    write(tmp_path, "labels.csv", "file,label", "1.jpg,cat", "2.jpg,dog")
    write(tmp_path, "animals.csv", "file,animal", "1.jpg,rex", "2.jpg,rex")
    photos = Photos.read(tmp_path, group="animal")
    assert photos.classes == ["cat", "dog"]
    assert {photo.group for photo in photos} == {"rex"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label_map.json", '{"0": "cat", "1": "dog"}'),
        ("classes.json", '{"cat": 0, "dog": 1}'),
        ("imagenet_class_index.json", '{"0": ["n01", "cat"], "1": ["n02", "dog"]}'),
        ("class_names.csv", "id,label\n0,cat\n1,dog"),
        ("classes.txt", "0\tcat\n1\tdog"),
        ("id2label.tsv", "0\tcat\n1\tdog"),
        ("labels.txt", "0\tcat\n1\tdog"),
        ("names.csv", "1,cat\n2,dog"),
    ],
)
@pytest.mark.parametrize("beside", ["", "labels.csv", "folders"])
def test_names_of_classes_are_no_list_of_photos(
    tmp_path: Path, name: str, text: str, beside: str
) -> None:
    pets = [("cat", "dog")[number % 2] for number in range(8)]
    folder = "{}/" if beside == "folders" else ""
    put(tmp_path, *(f"{folder.format(pet)}{number}.jpg" for number, pet in enumerate(pets)))
    write(tmp_path, name, text)
    if beside == "labels.csv":
        write(tmp_path, beside, "id,label", *(f"{n},{pet}" for n, pet in enumerate(pets)))
    photos = Photos.read(tmp_path)
    assert len(photos) == 8
    assert photos.classes == (["cat", "dog"] if beside else [])
    assert reasons(photos)[name] in ("it names classes, not photos", "not a photo")


@pytest.mark.parametrize(("whole", "bare"), [("train", "test"), ("fold1", "fold2")])
def test_a_part_that_a_list_labels_is_not_called_unlabelled(
    tmp_path: Path, whole: str, bare: str
) -> None:
    names = [f"{whole}/{pet}/{number}.jpg" for pet in ("cat", "dog") for number in range(4)]
    others = [f"{bare}/x{number}.jpg" for number in range(8)]
    put(tmp_path, *names, *others)
    why = f"{bare} has no class folders: its photos are without labels"
    assert why in Photos.read(tmp_path).notes
    rows = [f"{name},{('cat', 'dog')[number % 2]}" for number, name in enumerate(others)]
    photos = Photos.read(write(tmp_path, "labels.csv", "file,label", *rows))
    assert all(labels(photos).values())
    assert why not in photos.notes
    assert "labels of 8 photos are from labels.csv" in photos.notes
