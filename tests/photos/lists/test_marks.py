"""Columns of 0 and 1: labels, or marks beside a column of labels of an unknown name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photos

Rows = list[list[str]]
WORDS = ["cat", "dog", "cat", "bird", "dog", "cat", "dog", "bird"]


def written(folder: Path, header: str, rows: Rows) -> Path:
    lines = [header, *(",".join([f"{n}.jpg", *row]) for n, row in enumerate(rows))]
    for number in range(len(rows)):
        (folder / f"{number}.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "labels.csv"


def marked(*columns: str) -> Rows:
    """Return rows of a 0 or 1 in each column."""
    return [list(row) for row in zip(*columns, strict=True)]


EXCLUSIVE = ("10100100", "01001010", "00010001")
CASES: dict[str, tuple[str, Rows, str]] = {
    "marks beside words": (
        "filename,answer,verified,blurry",
        [[x, *row] for x, row in zip(WORDS, marked("11111111", "00100100"), strict=True)],
        "'verified', 'blurry' hold 0 and 1, and column 'answer' may hold the labels too; choose "
        "--label-column answer or --label-column verified,blurry",
    ),
    "few rows": (
        "filename,answer,neutered,indoor",
        [["cat", "1", "0"], ["dog", "1", "1"], ["bird", "0", "0"]],
        "column 'answer' may hold the labels too",
    ),
    "another alphabet": (
        "filename,порода,стерилизован,дома",
        [[x, *row] for x, row in zip(WORDS, marked("11010111", "01100100"), strict=True)],
        "column 'порода' may hold the labels too",
    ),
    "two that exclude each other": (
        "filename,answer,male,female",
        [[x, *row] for x, row in zip(WORDS, marked("10101100", "01010011"), strict=True)],
        "column 'answer' may hold the labels too",
    ),
    "a number for each photo": (
        "Id,Subject Focus,Eyes,Face,Pawpularity",
        [
            [*row, str(40 + number**2)]
            for number, row in enumerate(marked("00010000", "11101011", "11100011"))
        ],
        "column 'Pawpularity' may hold the labels too; choose --label-column Pawpularity or "
        "--label-column 'Subject Focus,Eyes,Face'",
    ),
    "annotators by name": (
        "file,rater_1,rater_2",
        marked("10101010", "01101010"),
        "what several people say of one label",
    ),
    "annotators by agreement": (
        "file,anna,ben,carl",
        marked("11100010", "11100011", "11000010"),
        "what several people say of one label",
    ),
    "nothing but zeros": (
        "filename,file_size,region_count,region_id",
        [[str(300 + n % 3), "0", "0"] for n in range(8)],
        "'region_count', 'region_id' hold the same for all photos, and are no labels",
    ),
    "one region for each photo": (
        "filename,file_size,region_count,region_id",
        [[str(300 + n % 3), "1", "0"] for n in range(8)],
        "'region_count', 'region_id' hold the same for all photos, and are no labels",
    ),
    "a mark among labels": (
        "file,cat,dog,verified",
        marked("10101010", "01010101", "01100111"),
        "'verified' may be no label; choose --label-column cat,dog or --label-column "
        "cat,dog,verified",
    ),
    "nothing but marks": (
        "file,verified,is_blurry",
        marked("10101010", "01100111"),
        "hold 0 and 1, and all of them may be no label; choose --label-column none or "
        "--label-column verified,is_blurry",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_marks_that_may_be_no_labels_are_asked_about(tmp_path: Path, case: str) -> None:
    header, rows, told = CASES[case]
    with pytest.raises(PhotosError) as caught:
        Photos.read(written(tmp_path, header, rows))
    assert told in str(caught.value)
    assert "--label-column" in str(caught.value)
    assert "\n" not in str(caught.value)


ANSWERED: dict[str, tuple[str, Rows, list[str]]] = {
    "only labels": ("file,cat,dog,bird", marked(*EXCLUSIVE), ["bird", "cat", "dog"]),
    "marks of which each photo has one": (
        "file,sharp,blurry",
        marked("10101010", "01010101"),
        ["blurry", "sharp"],
    ),
    "several labels": ("file,cat,dog", marked("10111000", "01110101"), ["cat", "dog", "none"]),
    "beside words": (
        "file,tone,cat,dog,bird",
        [[("warm", "cold")[n % 2], *row] for n, row in enumerate(marked(*EXCLUSIVE))],
        ["bird", "cat", "dog"],
    ),
    "beside what is known to be no label": (
        "file,sex,age,patient_id,notes,cat,dog",
        [
            ["mf"[n % 2], str(n % 5), f"p{n % 3}", ("", "ok")[n % 2], *row]
            for n, row in enumerate(marked("10111000", "01110101"))
        ],
        ["cat", "dog", "none"],
    ),
    "beside the same in words": (
        "file,answer,cat,other",
        [[("no cat", "cat")[row[0] == "1"], *row] for row in marked("10101100", "01010011")],
        ["cat", "other"],
    ),
    "beside a constant": (
        "file,extra,cat,dog",
        [["x", *row] for row in marked("10111000", "01110101")],
        ["cat", "dog", "none"],
    ),
    "a label that no photo has": (
        "file,cat,dog,Unlabeled",
        marked("10100101", "01011010", "00000000"),
        ["cat", "dog"],
    ),
    "words under a Chinese name": (
        "文件名,品种,绝育,室内",
        [[x, *row] for x, row in zip(WORDS, marked("11010111", "01100100"), strict=True)],
        ["bird", "cat", "dog"],
    ),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_columns_of_labels_are_read(tmp_path: Path, case: str) -> None:
    header, rows, classes = ANSWERED[case]
    assert Photos.read(written(tmp_path, header, rows)).classes == classes


def test_the_options_that_are_offered_mend_it(tmp_path: Path) -> None:
    header, rows, _ = CASES["marks beside words"]
    path = written(tmp_path, header, rows)
    assert Photos.read(path, label_column="answer").classes == ["bird", "cat", "dog"]
    assert Photos.read(path, label_column="verified,blurry").classes == ["blurry", "verified"]
