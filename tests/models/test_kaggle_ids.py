"""The ids of a submission: which photo each of them is, and how wrong ones are mended."""

from __future__ import annotations

import unicodedata

import pytest

from pawlens.errors import SubmissionError
from pawlens.models import Sample
from pawlens.models._kaggle_ids import rows_of


def found(ids: list[str], paths: list[str]) -> tuple[list[int], list[str]]:
    notes: list[str] = []
    return rows_of(Sample(ids, ["id", "label"]), paths, notes), notes


@pytest.mark.parametrize(
    ("ids", "paths"),
    [
        (["1", "2", "10"], ["0010.jpg", "0002.jpg", "0001.jpg"]),
        (["00001", "00002", "00010"], ["test/10.jpg", "test/2.jpg", "test/1.jpg"]),
        (["1.png", "2.png", "10.png"], ["10.jpg", "2.jpg", "1.jpg"]),
        (["img_1", "img_2", "img_10"], ["IMG_0010.JPG", "IMG_0002.JPG", "IMG_0001.JPG"]),
        (["a/1", "a/2", "b/3"], ["3.jpg", "2.jpg", "1.jpg"]),
        (["1.0", "2.0", "10.0"], ["010.hif", "002.apng", "001.mpo"]),
    ],
)
def test_names_that_differ_by_zeros_endings_or_folders(ids: list[str], paths: list[str]) -> None:
    rows, notes = found(ids, paths)
    assert rows == [2, 1, 0]
    assert notes == [
        f"3 ids are the names of photos but for zeros, ending or case: {ids[0]!r} is {paths[2]}"
    ]


def test_names_of_another_unicode_form() -> None:
    names = ["caf\u00e9", "\u00fcber"]
    for ids_form, paths_form in (("NFD", "NFC"), ("NFC", "NFD")):
        ids = [unicodedata.normalize(ids_form, name) for name in names]  # type: ignore[arg-type]
        paths = [unicodedata.normalize(paths_form, f"{name}.jpg") for name in reversed(names)]  # type: ignore[arg-type]
        assert found(ids, paths) == ([1, 0], [])


@pytest.mark.parametrize(
    ("ids", "paths", "mend"),
    [
        (["1", "01"], ["001.jpg", "0001.jpg"], "differ by zeros before numbers"),
        (["1", "2"], ["0001.jpg", "0003.jpg"], "differ by zeros before numbers"),
        (["1"], ["1.jpg", "2.jpg"], "move the photos away"),
        (["1", "2"], ["1.jpg"], "name the folder that holds the photos of all ids"),
        (["x", "y"], ["1.jpg", "2.jpg"], "an id is a photo's path or name"),
    ],
)
def test_wrong_ids_are_told_with_a_mend(ids: list[str], paths: list[str], mend: str) -> None:
    with pytest.raises(SubmissionError, match=f"not the ids expected: .*{mend}"):
        found(ids, paths)
