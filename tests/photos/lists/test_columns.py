"""Columns of lists: names that tools give them, one column a label, and what is asked about."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos.lists._columns import ColumnNames, find_columns
from pawlens.photos.lists._known_names import as_split, is_label, path_rank
from pawlens.photos.lists._lists import Listing, read_list

FILES = ("00001.jpg", "00002.jpg", "00003.jpg", "00004.jpg")
LABELS = ("cat", "dog", "cat", "dog")


def listing(folder: Path, text: str, name: str = "x.csv", **how: str | None) -> Listing:
    for file in FILES:
        (folder / file).write_bytes(b"")
    (folder / name).write_text(text, encoding="utf-8")
    return read_list(folder / name, columns=ColumnNames(**how))


def text_of(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def pairs(read: Listing) -> list[tuple[str, tuple[str, ...]]]:
    return [(photo.path, photo.labels) for photo in read.photos]


GIVEN = [(file, (label,)) for file, label in zip(FILES, LABELS, strict=True)]

HEADERS = """
id,label | id,breed | image_id,class | image,label | img,labels | file_name,label | filename,class
image_path,category | filepath,class_name | fname,labels | path,target | Image,Species
IMAGE ID,Label
photo,breed_name | name,label | image_index,finding_labels | id_code,diagnosis | image_id,dx
File Name,Class Label | image-name,y | url,tag | isic_id,ground_truth | key,cls | file,type
"""


@pytest.mark.parametrize(
    "header", [h.strip() for h in HEADERS.replace("\n", "|").split("|") if h.strip()]
)
@pytest.mark.parametrize("ending", ["", ".jpg"])
def test_headers_that_tools_and_competitions_write(
    tmp_path: Path, header: str, ending: str
) -> None:
    rows = [f"{Path(f).stem}{ending},{label}" for f, label in zip(FILES, LABELS, strict=True)]
    read = listing(tmp_path, text_of(header, rows))
    assert pairs(read) == GIVEN
    path, label = header.split(",")
    assert read.notes[0] == f"x.csv: photos from column {path!r}, labels from column {label!r}"
    assert not read.further


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_line_ends_and_marks(
    tmp_path: Path, delimiter: str, newline: str, mark: str
) -> None:
    rows = (
        ["split", "id", "label", "note"],
        *(["train", f, label, '"x, y; z"'] for f, label in zip(FILES, LABELS, strict=True)),
    )
    text = mark + newline.join(delimiter.join(row) for row in rows) + newline
    for file in FILES:
        (tmp_path / file).write_bytes(b"")
    (tmp_path / "x.csv").write_bytes(text.encode())
    read = read_list(tmp_path / "x.csv")
    assert pairs(read) == GIVEN
    assert {photo.split for photo in read.photos} == {"train"}
    assert read.further == {"note": dict.fromkeys(FILES, "x, y; z")}
    assert "not used for labels: column 'note' (4 values, as 'x, y; z')" in read.notes[1]


WORDS = [
    "00001",
    "1e5",
    "1.0",
    "007",
    "True",
    "NA",
    "null",
    "nan",
    "None",
    "0",
    "-1",
    "1_000",
    "00",
]


@settings(max_examples=60)
@given(st.permutations(WORDS), st.lists(st.sampled_from(WORDS), min_size=13, max_size=13))
def test_ids_and_labels_stay_the_text_that_they_are(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], labels: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    for name in ids:
        (folder / f"{name}.jpg").write_bytes(b"")
    rows = [f"{name},{label}" for name, label in zip(ids, labels, strict=True)]
    (folder / "x.csv").write_text(text_of("id,label", rows), encoding="utf-8")
    read = pairs(read_list(folder / "x.csv"))
    assert read == [(f"{n}.jpg", (lab,)) for n, lab in zip(ids, labels, strict=True)]


def test_one_column_a_label(tmp_path: Path) -> None:
    rows = ["00001,1,0", "00002,0,1.0", "00003,TRUE,1", "00004,0,False"]
    read = listing(tmp_path, text_of("image_id,cat,dog", rows))
    assert [labels for _, labels in pairs(read)] == [("cat",), ("dog",), ("cat", "dog"), ("none",)]
    assert any("2 photos" not in note and "0 for every label" in note for note in read.notes)


@pytest.mark.parametrize("sign", ["-", "?", "+", "0"])
def test_a_class_may_be_called_by_a_sign(tmp_path: Path, sign: str) -> None:
    rows = ["00001,1,0,0", "00002,0,1,0", "00003,0,0,1", "00004,1,0,0"]
    read = listing(tmp_path, text_of(f"image_id,cat,dog,{sign}", rows))
    assert [labels for _, labels in pairs(read)] == [("cat",), ("dog",), (sign,), ("cat",)]
    assert not read.further


@pytest.mark.parametrize("blank", ["", " "])
def test_a_column_of_a_label_without_a_name_is_asked_about(tmp_path: Path, blank: str) -> None:
    rows = ["00001,1,0,0", "00002,0,1,0", "00003,0,0,1", "00004,1,0,0"]
    with pytest.raises(PhotosError, match=r"x\.csv: column 4 holds 0 and 1 as those of labels do"):
        listing(tmp_path, text_of(f"image_id,cat,dog,{blank}", rows))
    counted = [f"{number},{row.removesuffix(',0')}" for number, row in enumerate(rows[:2])]
    read = listing(tmp_path, text_of(f"{blank or '#'},image_id,cat,dog", counted))
    assert [labels for _, labels in pairs(read)] == [("cat",), ("dog",)]


def test_one_column_a_label_beside_others(tmp_path: Path) -> None:
    rows = ["0,00001,3,1,0", "1,00002,1,0,1"]
    read = listing(tmp_path, text_of(",image,age,cat,dog", rows))
    assert [labels for _, labels in pairs(read)] == [("cat",), ("dog",)]
    assert list(read.further) == ["age"]


def test_columns_that_a_person_named(tmp_path: Path) -> None:
    rows = ["x,00001,1,0,cat", "y,00002,1,1,dog"]
    text = text_of("path,scan,old,new,was", rows)
    read = listing(tmp_path, text, path="Scan", label="was")
    assert pairs(read) == GIVEN[:2]
    read = listing(tmp_path, text, path="scan", label="old,new")
    assert [labels for _, labels in pairs(read)] == [("old",), ("old", "new")]
    read = listing(tmp_path, text, path="scan", label="none")
    assert [labels for _, labels in pairs(read)] == [(), ()]


def test_the_known_column_whose_photos_are_there_is_taken(tmp_path: Path) -> None:
    rows = ["Rex,00001,cat", "Tom,00002,dog"]
    assert pairs(listing(tmp_path, text_of("name,image_id,label", rows))) == GIVEN[:2]


def test_of_labels_in_numbers_and_words_the_words_are_taken(tmp_path: Path) -> None:
    rows = ["00001,0,cat", "00002,1,dog"]
    assert pairs(listing(tmp_path, text_of("id,label,class_name", rows))) == GIVEN[:2]


def test_fastai_says_what_is_held_out(tmp_path: Path) -> None:
    rows = ["00001,cat,False", "00002,dog,False", "00003,cat,True", "00004,dog,True"]
    read = listing(tmp_path, text_of("fname,labels,is_valid", rows))
    assert [photo.split for photo in read.photos] == ["train", "train", "valid", "valid"]


@pytest.mark.parametrize(
    ("text", "how", "message"),
    [
        ("image,choice\n00001,cat\n", {}, "to hold the labels; the columns are 'image', 'choice'"),
        ("foto,rasse\n00001.jpg,cat\n", {}, "to hold the photos; the columns are 'foto', 'rasse'"),
        ("id,breed,species\n00001,a,cat\n00002,b,cat\n", {}, "'breed' and 'species' may both be"),
        ("id,cat,dog\n00001,0.7,0.3\n", {}, r"holds 0 or 1 \('cat', and row 1 holds '0.7'\)"),
        ("id,cat,dog\n00001,1,-1\n", {}, r"holds 0 or 1 \('dog', and row 1 holds '-1'\)"),
        ("id,cat,dog\n00001,1,x\n", {"label": "cat,dog"}, "'dog' is to hold 0 or 1 .* holds 'x'"),
        ("id,label\n00001,cat\n", {"path": "bild"}, "--path-column bild: there is no such column"),
        ("id,label,label\n00001,a,b\n", {"label": "label"}, "2 columns are called 'label'"),
        ("id,label\n00001,cat,tabby\n", {}, "row 1 has 3 fields and not 2; .* in quotes"),
        ("id,label\n5,cat\n6,dog\n", {}, r"none of its 2 photos is there; for '5' .*/5 was tried"),
    ],
)
def test_what_is_not_known_is_asked_in_one_line(
    tmp_path: Path, text: str, how: dict[str, str], message: str
) -> None:
    with pytest.raises(PhotosError, match=message) as caught:
        listing(tmp_path, text, **how)
    assert "\n" not in str(caught.value)


def test_what_is_not_used_is_told(tmp_path: Path) -> None:
    rows = ["00001,cat,3,", "00002,,4,", "00002,dog,5,", "00003,cat,,", "00003,dog,,", "9,dog,,"]
    read = listing(tmp_path, text_of("id,label,age,empty", rows))
    told = "\n".join(read.notes)
    assert "1 of 4 photos have several labels, as '00003.jpg': cat, dog" in told
    assert "1 of 4 photos are not there; for '9'" in told
    assert "3 of 4 photos were found by name: '00001' is '00001.jpg'" in told
    assert "column 'age' (2 values, as '3'), column 'empty' (0 values)" in told
    assert read.further["age"] == {"00001.jpg": "3", "00002.jpg": "4;5"}


def test_a_list_without_a_header_keeps_its_first_row(tmp_path: Path) -> None:
    rows = ["cat,00001", "dog,00002"]
    assert pairs(listing(tmp_path, "\n".join(rows))) == GIVEN[:2]
    read = listing(tmp_path, "00001.jpg cat\n00002.jpg dog\n", name="train.txt")
    assert pairs(read) == GIVEN[:2]


def test_columns_without_a_header_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    read = listing(tmp_path, "TRAIN,gs://b/00001.jpg,cat\nTEST,gs://b/00002.jpg,cat\n")
    assert pairs(read) == [("00001.jpg", ("cat",)), ("00002.jpg", ("cat",))]
    assert [photo.split for photo in read.photos] == ["train", "test"]
    read = listing(tmp_path, "image,label\n00001,cat\n00002,dog\n", name="labels.txt")
    assert pairs(read) == GIVEN[:2]


def test_spellings_of_one_label(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "Kätzchen") for form in ("NFC", "NFD")]
    read = listing(tmp_path, text_of("id,label", [f"00001,{names[0]}", f"00002,{names[1]}"]))
    assert {labels for _, labels in pairs(read)} == {(names[0],)}
    with pytest.raises(PhotosError, match=r"x\.csv: are 'Cat' and 'cat' one class\?"):
        listing(tmp_path, text_of("id,label", ["00001,cat", "00002,Cat"]))
    with pytest.raises(PhotosError, match="it has NUL characters"):
        listing(tmp_path, "id,label\n00001,c\0at\n")


def test_names_are_told_apart() -> None:
    assert path_rank("File Name") == path_rank("file_name") is not None
    assert path_rank("breed") is None
    assert is_label("Class-Name")
    assert not is_label("y")
    assert is_label("y", weak=True)
    assert [as_split("split", text) for text in ("Val", "", "spare")] == ["valid", "", None]
    assert [as_split("is_valid", text) for text in ("True", "0", "x")] == ["valid", "train", None]


def test_a_name_of_a_column_is_no_photo() -> None:
    rows = [["path", "label"], ["a.jpg", "cat"]]
    columns, left = find_columns(
        rows, lambda name: True, ColumnNames(), labels=True, header=False, where="x"
    )
    assert (columns.path, columns.label, left) == (0, 1, rows[1:])


def test_every_spelling_of_one_and_zero_in_a_column_of_its_own(tmp_path: Path) -> None:
    files = [f"{number}.jpg" for number in range(6)]
    for file in files:
        (tmp_path / file).write_bytes(b"")
    cells = ["1", "1.0", "True", "0", "0.0", "false"]
    rows = [f"{file},{cell},1" for file, cell in zip(files, cells, strict=True)]
    read = listing(tmp_path, text_of("image,cat,dog", rows))
    assert [labels for _, labels in pairs(read)] == [("cat", "dog")] * 3 + [("dog",)] * 3


@pytest.mark.parametrize("name", ["val_annotations.txt", "boxes.tsv"])
def test_corners_of_boxes_behind_a_label_are_passed_over(tmp_path: Path, name: str) -> None:
    rows = [f"{file}\t{label}\t0\t3\t61.5\t62" for file, label in zip(FILES, LABELS, strict=True)]
    assert pairs(listing(tmp_path, "\n".join(rows), name)) == GIVEN
    numbers = [f"{file}\t{i % 2}\t0\t3\t61.5\t62" for i, file in enumerate(FILES)]
    with pytest.raises(PhotosError, match="6 columns and no header"):
        listing(tmp_path, "\n".join(numbers), name)
