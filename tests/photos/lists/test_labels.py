"""Labels that may be one although they are written as two, and rows that are no photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos.lists._lists import Listing, read_list

COUNT = 12


def listed(folder: Path, labels: list[str], header: str = "file,label\n") -> Listing:
    rows = [f"{number}.jpg,{label}" for number, label in enumerate(labels)]
    return read(folder, header + "\n".join(rows))


def read(folder: Path, text: str, name: str = "x.csv") -> Listing:
    for number in range(COUNT):
        (folder / f"{number}.jpg").write_bytes(b"")
    (folder / name).write_text(text, encoding="utf-8")
    return read_list(folder / name)


def classes(listing: Listing) -> set[str]:
    return {label for photo in listing.photos for label in photo.labels}


@pytest.mark.parametrize("word", ["nan", "NA", "unknown", "?", "null", "N/A", "unlabeled", "未知"])
def test_a_word_for_not_known_is_told(tmp_path: Path, word: str) -> None:
    found = listed(tmp_path, ["cat", word] * 3)
    assert classes(found) == {"cat", word}
    told = f"x.csv: {word!r} is read as a label; if it means not known, leave the cell empty"
    assert told in found.notes


def test_minus_one_beside_numbers_is_told(tmp_path: Path) -> None:
    assert any("'-1' is read as a label" in x for x in listed(tmp_path, ["0", "1", "-1"]).notes)
    assert not any("-1" in note for note in listed(tmp_path, ["0", "1", "2"]).notes)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("0", "0.0", r"are '0' and '0\.0' one class\? give them the same name"),
        ("1", "1.", r"are '1' and '1\.' one class\?"),
        ("-1.0", "-1.00", r"are '-1\.0' and '-1\.00' one class\?"),
        ("maine coon", "maine\u00a0coon", "one class"),
        ("kit\u00adten", "kitten", r"are 'kitten' and 'kit\\xadten' one class, but"),
        ("c\u200bat", "cat", r"are 'cat' and 'c\\u200bat' one class, but for characters that do"),
        ("c\u2060at", "Cat", "one class, but for characters"),
        ("'cat'", "cat", r"are \"'cat'\" and 'cat' one class\?"),
        ("\u201ccat\u201d", "cat", "one class"),
    ],
)
def test_two_spellings_of_a_label_are_refused(
    tmp_path: Path, one: str, other: str, why: str
) -> None:
    with pytest.raises(PhotosError, match=why) as caught:
        listed(tmp_path, [one, other] * 3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00ad", "\u200e", "\u00a0", "\u3000"])
def test_what_does_not_show_around_a_label_is_none_of_it(tmp_path: Path, mark: str) -> None:
    found = listed(tmp_path, ["cat", f"cat{mark}", f"{mark}dog", "dog", f"cat{mark};dog"])
    assert classes(found) == {"cat", "dog"}
    text = f'[{{"path": "0.jpg", "label": "cat{mark}"}}, {{"path": "1.jpg", "label": "cat"}}]'
    assert classes(read(tmp_path, text, "x.json")) == {"cat"}


@pytest.mark.parametrize(
    ("one", "other"), [("maine coon", "maine_coon"), ("x-ray", "xray"), ("007", "7"), ("1", "01")]
)
def test_labels_that_are_nearly_one_are_told(tmp_path: Path, one: str, other: str) -> None:
    notes = listed(tmp_path, [one, other] * 3).notes
    assert any("are two classes; if they are one, give them one name" in note for note in notes)


@pytest.mark.parametrize("labels", [["A", "A+", "A-"], ["1", "-1"], ["10", "1"], ["cat", "dog"]])
def test_labels_that_differ_are_not(tmp_path: Path, labels: list[str]) -> None:
    assert not any("two classes" in note for note in listed(tmp_path, labels * 2).notes)


@pytest.mark.parametrize(
    "again", ["file,label", "File , Label", "file,label\n8.jpg,cat\nfile,label"]
)
@pytest.mark.parametrize("header", ["file,label\n", ""])
def test_a_header_that_stands_again_is_left_out(tmp_path: Path, again: str, header: str) -> None:
    found = listed(tmp_path, ["cat", "dog", "dog"], header)
    text = (tmp_path / "x.csv").read_text()
    found = read(tmp_path, f"{text}\n{again}\n5.jpg,cat\n6.jpg,dog\n")
    assert classes(found) == {"cat", "dog"}
    assert "file" not in {photo.path for photo in found.photos}
    assert any("the header again, and left out" in note for note in found.notes)


@pytest.mark.parametrize("again", ["label,file", "image,class"])
def test_a_header_of_other_columns_is_refused(tmp_path: Path, again: str) -> None:
    with pytest.raises(PhotosError, match="row 3 is a header of other columns than the first"):
        read(tmp_path, f"file,label\n0.jpg,cat\n1.jpg,dog\n{again}\ncat,2.jpg\n")


def test_a_photo_that_is_called_like_a_column_is_one(tmp_path: Path) -> None:
    (tmp_path / "image.jpg").write_bytes(b"")
    found = read(tmp_path, "id,kind\n0,cat\nimage,class\n1,dog\n")
    assert classes(found) == {"cat", "class", "dog"}


@pytest.mark.parametrize("ending", ["", ".jpg"])
@pytest.mark.parametrize("missing", [[], ["99"]])
def test_a_label_before_the_photo_is_no_photo(
    tmp_path: Path, ending: str, missing: list[str]
) -> None:
    names = [*map(str, range(8)), *missing]
    text = "\n".join(f"{number % 2},{name}{ending}" for number, name in enumerate(names))
    found = read(tmp_path, text)
    assert len(found.photos) == len(names)
    assert [photo.label for photo in found.photos] == [str(n % 2) for n in range(len(names))]


def test_two_columns_of_photos_without_a_header_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotosError, match=r"no header, and columns 1 and 2 may both be the photos"):
        read(tmp_path, "0,1\n1,2\n2,0\n")
