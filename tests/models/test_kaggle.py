from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import SubmissionError
from pawlens.models import Predictions, read_ids, submission


def answers(paths: list[str], dog: list[float] | None = None) -> Predictions:
    values = np.linspace(0.1, 0.9, len(paths)) if dog is None else np.array(dog)
    proba = np.column_stack([1 - values, values])
    return Predictions(paths, ["cat", "dog"], proba, ["ok"] * len(paths))


def table(text: str) -> dict[str, float]:
    header, *rows = text.splitlines()
    assert header == "id,label"
    return {row.split(",")[0]: float(row.split(",")[1]) for row in rows}


def test_joined_on_the_id_and_sorted_by_it() -> None:
    found = table(
        submission(answers(["x/2.jpg", "10.png", *[f"{i}.jpg" for i in (1, *range(3, 10))]]))
    )
    assert list(found) == [str(i) for i in range(1, 11)]
    assert found["2"] == pytest.approx(0.1)


@given(st.permutations(list(range(1, 8))), st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_order_of_the_photos_does_not_matter(order: list[int], values: list[float]) -> None:
    text = submission(answers([f"{i}.jpg" for i in order], [values[i - 1] for i in order]))
    assert list(table(text).values()) == pytest.approx(values, rel=1e-8, abs=1e-12)


def test_small_probabilities_are_not_rounded_to_nothing() -> None:
    assert table(submission(answers(["1.jpg"], [1e-7])))["1"] == pytest.approx(1e-7)


def test_positive_class() -> None:
    assert table(submission(answers(["1.jpg"], [0.3]), positive="cat"))["1"] == pytest.approx(0.7)
    with pytest.raises(SubmissionError, match="'fox' is not one of cat, dog"):
        submission(answers(["1.jpg"]), positive="fox")


def test_expected_ids_give_the_order() -> None:
    text = submission(answers(["1.jpg", "2.jpg"]), expected=["2", "1"])
    assert list(table(text)) == ["2", "1"]


@pytest.mark.parametrize(
    ("paths", "expected", "message"),
    [
        (["1.jpg", "1.png"], None, r"id 1 is of several photos: 1\.jpg, 1\.png"),
        (["1.jpg", "01.jpg"], None, "id 1 is of several"),
        (
            ["1.jpg", "3.jpg"],
            None,
            r"not 1 to 2: 1 missing \(first 2\), 1 not expected \(first 3\)",
        ),
        (
            ["1.jpg"],
            ["1", "2", "10"],
            r"not the ids expected: 2 missing \(first 2\), 0 not expected$",
        ),
        (["1.jpg", "3.jpg"], None, "say which are with --ids"),
        (["1.jpg", "2.jpg"], ["1"], r"1 not expected \(first 2\)"),
        (["1.jpg"], ["²"], "1 missing"),
        (["cat.1.jpg"], None, r"cat\.1\.jpg: its name is not a numeric id"),
        (["²x.jpg"], None, "not a numeric id"),
        (["9" * 5000 + ".jpg"], None, "1 not expected"),
    ],
)
def test_wrong_ids(paths: list[str], expected: list[str] | None, message: str) -> None:
    with pytest.raises(SubmissionError, match=message):
        submission(answers(paths), expected=expected)


def test_no_value_is_invented() -> None:
    torn = answers(["1.jpg", "2.jpg"])
    torn.status[1] = "unreadable: it is empty"
    with pytest.raises(SubmissionError, match=r"2\.jpg: unreadable: it is empty .*nothing was"):
        submission(torn)


def test_two_classes_only() -> None:
    three = Predictions(["1.jpg"], ["a", "b", "c"], np.full((1, 3), 1 / 3), ["ok"])
    with pytest.raises(SubmissionError, match="needs 2 classes, not 3"):
        submission(three)


def test_read_ids(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("\ufefflabel,id\n0.5, 2\n0.5,1\n")
    assert read_ids(tmp_path / "s.csv") == ["2", "1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"name\n1\n", "no id column"),
        (b"", "no id column, or no row"),
        (b"id\n1\n1\n", "id '1' is there 2 times"),
        (b"id\n\xff\n", "cannot be read as CSV"),
        (b"id\n" + b"1" * 200_000, "cannot be read as CSV"),
    ],
)
def test_read_ids_refuses(tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / "s.csv").write_bytes(text)
    with pytest.raises(SubmissionError, match=rf"s\.csv: {message}"):
        read_ids(tmp_path / "s.csv")


def test_short_rows_have_an_empty_id(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("label,id\n0.5,1\n0.5\n")
    assert read_ids(tmp_path / "s.csv") == ["1", ""]
