"""Ways in which public data sets, competitions and labelling programs lay out photos and lists."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from pawlens import Photos
from pawlens.errors import PhotosError
from pawlens.photos import what_was_read

from .layouts import TINY

PETS = ("cat", "dog")
Counts = Mapping[str, int]


def photos_of(*folders: str, count: int = 3, name: str = "{i}.jpg") -> list[str]:
    return [f"{folder}/{name.format(i=i)}" for folder in folders for i in range(count)]


def classes(*around: str, names: Iterable[str] = PETS) -> list[str]:
    return photos_of(*(f"{one}/{label}".lstrip("/") for one in around for label in names))


def table(header: str, rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    lines = [delimiter.join(map(str, row)) for row in rows]
    return "\n".join([header, *lines] if header else lines) + "\n"


def numbered(header: str, form: str = "{i}", delimiter: str = ",", count: int = 6) -> str:
    """A table of photos 0 to 5, every other one a dog."""
    rows = [(form.format(i=i), PETS[i % 2]) for i in range(count)]
    return table(header, rows, delimiter)


FLAT = photos_of("images", count=6)
TWO_BY_TWO = {"train cat": 3, "train dog": 3, "test cat": 3, "test dog": 3}
THREE_EACH = {"cat": 3, "dog": 3}
ROWS = [(f"{i}.jpg", PETS[i % 2]) for i in range(6)]
USAGES = ["Training"] * 4 + ["PublicTest", "PrivateTest"]
PARTS = [("train", 0, 4), ("test", 4, 6)]

READ: dict[str, tuple[list[str], dict[str, str], Counts]] = {
    "numbers in train and test, and a list for train": (
        photos_of("train", "test", count=6),
        {
            "trainLabels.csv": numbered("id,label"),
            "sampleSubmission.csv": "id,label\n0,cat\n",
        },
        {"train cat": 3, "train dog": 3},
    ),
    "a list for each split, whose name ends in it": (
        photos_of("X_train", "X_test", count=6),
        {"y_train.csv": numbered("id,label"), "y_test.csv": numbered("id,label")},
        TWO_BY_TWO,
    ),
    "labels, and a table of other facts of the same photos": (
        FLAT,
        {
            "truth.csv": table("image,MEL,NV", [(f"{i}", 1 - i % 2, i % 2) for i in range(6)]),
            "facts.csv": table("image,age,site", [(f"{i}", 40 + i, "arm") for i in range(6)]),
        },
        {"MEL": 3, "NV": 3},
    ),
    "labels, and a list of files for each split": (
        FLAT,
        {
            "labels.csv": numbered("image,label"),
            **{f"{s}.txt": "\n".join(f"{i}.jpg" for i in range(a, b)) for s, a, b in PARTS},
        },
        {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1},
    ),
    "class folders, and a list of files for each split": (
        classes("images"),
        {
            "meta/train.txt": "cat/0\ncat/1\ndog/0\ndog/1\n",
            "meta/test.txt": "cat/2\ndog/2\n",
        },
        {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1},
    ),
    "class folders, and lists that number the classes": (
        classes("train", "test"),
        {
            f"meta/{split}.txt": "cat/0.jpg 0\ncat/1.jpg 0\ncat/2.jpg 0\ndog/0.jpg 1\n"
            "dog/1.jpg 1\ndog/2.jpg 1\n"
            for split in ("train", "test")
        },
        TWO_BY_TWO,
    ),
    "an archive around everything": (
        [f"archive/pets/{path}" for path in photos_of("images", name="aaa_{i}.jpg", count=6)],
        {"archive/pets/labels.csv": numbered("image,label", "aaa_{i}.jpg")},
        THREE_EACH,
    ),
    "folders that are no classes, deep inside": (
        [f"archive/pets/{path}" for path in photos_of("siteA", "siteB")],
        {
            "archive/pets/labels.csv": table(
                "image,label", [(f"site{s}/{i}.jpg", PETS[i % 2]) for s in "AB" for i in range(3)]
            )
        },
        {"cat": 4, "dog": 2},
    ),
    "paths up from a folder of lists": (
        FLAT,
        {"lists/labels.csv": numbered("image,label", "../images/{i}.jpg")},
        THREE_EACH,
    ),
    "Google's import file": (
        FLAT,
        {"import.csv": table("", [("UNASSIGNED", f"gs://b/x/{n}", c) for n, c in ROWS])},
        THREE_EACH,
    ),
    "Amazon's manifest": (
        FLAT,
        {
            "pets.manifest": "\n".join(
                json.dumps(
                    {"source-ref": f"s3://b/{n}", "pet": 1, "pet-metadata": {"class-name": c}}
                )
                for n, c in ROWS
            )
        },
        THREE_EACH,
    ),
    "a numbered list": (
        FLAT,
        {"pets.lst": table("", [(i, PETS.index(c), n) for i, (n, c) in enumerate(ROWS)], "\t")},
        {"0": 3, "1": 3},
    ),
    "Prodigy's answers": (
        FLAT,
        {
            "pets.jsonl": "\n".join(
                json.dumps({"image": n, "accept": [c], "answer": "reject" if i == 5 else "accept"})
                for i, (n, c) in enumerate(ROWS)
            )
        },
        {"": 1, "cat": 3, "dog": 2},
    ),
    "Excel's first line": (
        FLAT,
        {"labels.csv": "sep=;\n" + numbered("file;label", delimiter=";")},
        THREE_EACH,
    ),
    "comments": (FLAT, {"labels.csv": "# mine\n# of May\n" + numbered("file,label")}, THREE_EACH),
    "colons": (FLAT, {"labels.csv": numbered("file:label", "{i}.jpg", ":")}, THREE_EACH),
    "spaces": (FLAT, {"labels.csv": numbered("file label", "{i}.jpg", " ")}, THREE_EACH),
    "true where it trains": (
        FLAT,
        {"labels.csv": table("file,label,is_train", [(*r, i < 4) for i, r in enumerate(ROWS)])},
        {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1},
    ),
    "public and private tests": (
        FLAT,
        {
            "labels.csv": table(
                "file,label,Usage",
                [(*row, usage) for row, usage in zip(ROWS, USAGES, strict=True)],
            )
        },
        {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1},
    ),
    "lists in cells": (
        FLAT,
        {"labels.csv": table("file,labels", [(n, f"\"['{c}', 'pet']\"") for n, c in ROWS])},
        {"cat;pet": 3, "dog;pet": 3},
    ),
    "lines in a .json": (
        FLAT,
        {"labels.json": "\n".join(json.dumps({"file": n, "label": c}) for n, c in ROWS)},
        THREE_EACH,
    ),
    "an array in a .jsonl": (
        FLAT,
        {"labels.jsonl": json.dumps([{"file": n, "label": c} for n, c in ROWS])},
        THREE_EACH,
    ),
    "files by class": (
        FLAT,
        {"labels.json": json.dumps({c: [n for n, one in ROWS if one == c] for c in PETS})},
        THREE_EACH,
    ),
    "facts by file": (
        FLAT,
        {"labels.json": json.dumps({n: {"label": c} for n, c in ROWS})},
        THREE_EACH,
    ),
    "columns by row": (
        FLAT,
        {
            "labels.json": json.dumps(
                {
                    "file": {str(i): n for i, (n, _) in enumerate(ROWS)},
                    "label": {str(i): c for i, (_, c) in enumerate(ROWS)},
                }
            )
        },
        THREE_EACH,
    ),
    "columns": (
        FLAT,
        {"labels.json": json.dumps({"file": [n for n, _ in ROWS], "label": [c for _, c in ROWS]})},
        THREE_EACH,
    ),
    "names of columns, and rows": (
        FLAT,
        {
            "labels.json": json.dumps(
                {"columns": ["file", "label"], "index": [*range(6)], "data": ROWS}
            )
        },
        THREE_EACH,
    ),
    "an array for each split": (
        FLAT,
        {
            "labels.json": json.dumps(
                {s: [{"file": n, "label": c} for n, c in ROWS[a:b]] for s, a, b in PARTS}
            )
        },
        {"train cat": 2, "train dog": 2, "test cat": 1, "test dog": 1},
    ),
    "labelled and not": (classes("labeled") + photos_of("unlabeled"), {}, {"": 3, **THREE_EACH}),
    "not sorted yet": (classes("") + photos_of("unsorted"), {}, {"": 3, **THREE_EACH}),
    "classes and subjects with the same numbers": (
        ["1/1/a.jpg", "1/2/a.jpg", "1/3/a.jpg", "2/4/a.jpg", "2/5/a.jpg"],
        {},
        {"1": 3, "2": 2},
    ),
    "a class whose name is a word for answers": (
        classes("", names=("pred", "prey")),
        {},
        {"pred": 3, "prey": 3},
    ),
    "a class a photo": (
        FLAT,
        {"l.txt": "".join(f"{i}.jpg {i}\n" for i in range(6))},
        {str(i): 1 for i in range(6)},
    ),
    "masks beside pictures": (
        photos_of(*PETS) + photos_of(*PETS, name="{i}_mask.png"),
        {},
        THREE_EACH,
    ),
}


def written(folder: Path, photos: Iterable[str], texts: Mapping[str, str]) -> Path:
    for name in (*photos, *texts):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(texts[name].encode() if name in texts else TINY)
    return folder


@pytest.mark.parametrize("case", READ)
def test_read_as_meant(tmp_path: Path, case: str) -> None:
    photos, texts, expected = READ[case]
    found = Photos.read(written(tmp_path, photos, texts))
    counts = Counter(f"{one.split or ''} {';'.join(one.labels)}".strip() for one in found)
    assert dict(counts) == dict(expected)
    assert all("/../" not in path and not path.startswith("/") for path in found.paths)


REFUSED: dict[str, tuple[list[str], str]] = {
    "classes doubled in one of them": (
        classes("", "both"),
        r"folder 'cat' lies beside 'both' and also in it: which are the classes\?",
    ),
    "a split and a class in one name": (
        photos_of("train_cat", "train_dog", "test_cat", "test_dog"),
        "test_cat, test_dog, train_cat, train_dog name a split and a class each",
    ),
    "letters behind the splits": (
        photos_of("trainA", "trainB", "testA", "testB"),
        "name a split and a class each",
    ),
    "masks below the classes": (
        photos_of("cat/images", "cat/masks", "dog/images", "dog/masks"),
        "folders 'images' and 'masks' in 'cat' are pictures and their masks",
    ),
    "a folder of images below each source": (
        classes("amazon/images", "webcam/images"),
        "amazon, webcam all hold the folders cat, dog: which are the classes",
    ),
    "copies of a class": (
        photos_of("cat", "dog", "cat - Copy"),
        r"is 'cat - Copy' a copy of class 'cat'\?",
    ),
    "a numbered copy of a class": (photos_of("cat", "dog", "dog (2)"), "a copy of class 'dog'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_line(tmp_path: Path, case: str) -> None:
    photos, message = REFUSED[case]
    with pytest.raises(PhotosError, match=message) as caught:
        Photos.read(written(tmp_path, photos, {}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (
            ("scab", "rust", "scab rust"),
            "'scab rust' is read as one; if it is several that a space",
        ),
        (("cat", "dog", '"cat,dog"'), "'cat,dog' is read as one; if it is several that a comma"),
        (("cat", "dog", "NaN"), "'NaN' is read as a label; if it means not known"),
        (("Golden Retriever", "Golden Doodle", "Labrador Retriever"), ""),
        (("Bulldog", "French Bulldog", "cat"), ""),
        (("NA", "EU"), ""),
    ],
)
def test_doubtful_labels_are_told(tmp_path: Path, labels: tuple[str, ...], words: str) -> None:
    rows = [(f"{i}.jpg", labels[i % len(labels)]) for i in range(6)]
    written(tmp_path, FLAT, {"labels.csv": table("file,label", rows)})
    told = [line for line in what_was_read(Photos.read(tmp_path)) if "is read as" in line]
    assert len(told) == bool(words)
    assert all(words in line for line in told)


def test_one_photo_has_one_key_however_its_path_is_written(tmp_path: Path) -> None:
    written(tmp_path, FLAT, {})
    ways = ("images/0.jpg", "./images/0.jpg", "images/../images/0.jpg", f"{tmp_path}/images/0.jpg")
    for again in ways:
        rows = [("images/0.jpg", "cat", "train"), (again, "cat", "test"), (again, "dog", "train")]
        (tmp_path / "labels.csv").write_text(table("path,label,split", rows))
        with pytest.raises(PhotosError, match=r"'images/0\.jpg' is in two splits"):
            Photos.read(tmp_path / "labels.csv")


def test_masks_are_named_and_few_of_them_stay_photos(tmp_path: Path) -> None:
    written(tmp_path, [*photos_of(*PETS), "cat/0_mask.png"], {})
    assert len(Photos.read(tmp_path)) == 7
    written(tmp_path, photos_of(*PETS, name="{i}_mask.png"), {})
    reasons = {one.path: one.reason for one in Photos.read(tmp_path).skipped}
    assert reasons["dog/2_mask.png"] == "a mask of the photo beside it, by its name"


def test_photos_that_are_in_the_cloud_are_named(tmp_path: Path) -> None:
    written(tmp_path, classes(""), {"cat/.9.jpg.icloud": "bplist00"})
    assert [one.path for one in Photos.read(tmp_path).skipped] == ["cat/.9.jpg.icloud"]
