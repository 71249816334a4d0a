"""Submissions: ids, columns and values as the competition's sample has them, refused early."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.errors import SubmissionError
from pawlens.metrics import LabelRules
from pawlens.models import (
    LabelPredictions,
    Predictions,
    Sample,
    SubmissionForm,
    read_sample,
    submission,
)


def answers(paths: list[str], dog: list[float] | None = None) -> Predictions:
    values = np.linspace(0.1, 0.9, len(paths)) if dog is None else np.array(dog)
    proba = np.column_stack([1 - values, values])
    return Predictions(paths, ["cat", "dog"], proba, ["ok"] * len(paths))


def of_classes(paths: list[str], classes: list[str]) -> Predictions:
    """Answers whose probabilities rise from class to class, and a little from photo to photo."""
    raw = np.arange(1, len(classes) + 1) + np.arange(len(paths))[:, None] / 100
    return Predictions(paths, classes, raw / raw.sum(1, keepdims=True), ["ok"] * len(paths))


def rows_of(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def table(text: str) -> dict[str, float]:
    header, *rows = rows_of(text)
    assert header == ["id", "label"]
    return {name: float(value) for name, value in rows}


def wanted(ids: Sequence[str], *columns: str, values: Sequence[str] = ()) -> Sample:
    return Sample(list(ids), ["id", *(columns or ("label",))], 0, frozenset(values))


def test_joined_on_the_id_and_sorted_by_it() -> None:
    paths = ["x/2.jpg", "10.png", *[f"{i}.jpg" for i in (1, *range(3, 10))]]
    found = table(submission(answers(paths)))
    assert list(found) == [str(i) for i in range(1, 11)]
    assert found["2"] == pytest.approx(0.1)


@given(st.permutations(list(range(1, 8))), st.lists(st.floats(0, 1), min_size=7, max_size=7))
def test_order_of_the_photos_does_not_matter(order: list[int], values: list[float]) -> None:
    text = submission(answers([f"{i}.jpg" for i in order], [values[i - 1] for i in order]))
    assert list(table(text).values()) == pytest.approx(values, rel=1e-8, abs=1e-12)


def test_small_probabilities_are_not_rounded_to_nothing() -> None:
    assert table(submission(answers(["1.jpg"], [1e-7])))["1"] == pytest.approx(1e-7)


def test_ids_keep_their_zeros() -> None:
    paths = [f"{i:05d}.jpg" for i in (2, 1, 3)]
    assert list(table(submission(answers(paths)))) == ["00001", "00002", "00003"]
    sample = wanted(["00003", "00001", "00002"])
    assert list(table(submission(answers(paths), sample=sample))) == sample.ids


def test_ids_that_are_words() -> None:
    form = SubmissionForm(["b.jpg", "a.jpg"], ["cat", "dog"])
    assert "were not checked" in form.notes[0]
    assert list(table(form.write(answers(["b.jpg", "a.jpg"])))) == ["a", "b"]


NAMES = st.text("aB019_- é猫=", min_size=1).filter(str.strip).map(str.strip)
IDS = st.lists(NAMES, min_size=1, unique=True)


@settings(max_examples=100)
@given(IDS, st.sampled_from(["{}.jpg", "test/{}.png", "{}"]), st.randoms())
def test_any_ids_come_back_in_the_order_of_the_sample(
    ids: list[str], path: str, random: object
) -> None:
    paths = [path.format(name) for name in ids]
    random.shuffle(paths)  # type: ignore[attr-defined]
    of_path = {name: path.format(name) for name in ids}
    found = answers(paths)
    text = submission(found, sample=wanted(ids))
    header, *rows = rows_of(text)
    assert header == ["id", "label"]
    assert [name for name, _ in rows] == ids
    for name, value in rows:
        assert float(value) == pytest.approx(found.proba[paths.index(of_path[name]), 1])


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["Abyssinian", "Main_Coon", "7", "007", "NA", "beagle", "pug", "True", "1e5"]
        ),
        min_size=3,
        unique=True,
    ),
    st.randoms(),
    st.sampled_from([str, str.upper, lambda name: name.replace("_", " ")]),
)
def test_every_class_has_its_column_in_the_order_of_the_sample(
    classes: list[str], random: object, spelling: object
) -> None:
    found = of_classes(["1.jpg", "2.jpg"], classes)
    columns = list(classes)
    random.shuffle(columns)  # type: ignore[attr-defined]
    header = [spelling(name) for name in columns]  # type: ignore[operator]
    got = rows_of(submission(found, sample=wanted(["2", "1"], *header)))
    assert got[0] == ["id", *header]
    for row, photo in ((got[1], 1), (got[2], 0)):
        expected = [found.proba[photo, classes.index(name)] for name in columns]
        assert [float(cell) for cell in row[1:]] == pytest.approx(expected, rel=1e-8)


def test_several_classes_without_a_sample() -> None:
    got = rows_of(submission(of_classes(["1.jpg"], ["a", "b", "c"])))
    assert got[0] == ["id", "a", "b", "c"]
    assert sum(map(float, got[1][1:])) == pytest.approx(1)


def test_positive_class() -> None:
    assert table(submission(answers(["1.jpg"], [0.3]), positive="cat"))["1"] == pytest.approx(0.7)
    three = of_classes(["1.jpg"], ["a", "b", "c"])
    sample = wanted(["1"], values=["0.5"])
    assert table(submission(three, positive="b", sample=sample))["1"] == pytest.approx(1 / 3)


def test_a_column_that_is_called_like_a_class_holds_that_class() -> None:
    for name, value in (("cat", 0.7), ("Dog", 0.3), ("dogs", 0.3)):
        text = submission(answers(["1.jpg"], [0.3]), sample=wanted(["1"], name, values=["0.5"]))
        assert float(rows_of(text)[1][1]) == pytest.approx(value)


@pytest.mark.parametrize("name", ["is_cat", "prob_cat", "Cat Probability", "p(cat)", "CAT"])
def test_a_column_whose_words_are_of_a_class(name: str) -> None:
    rows = rows_of(submission(answers(["1.jpg"], [0.25]), sample=wanted("1", name)))
    assert rows == [["id", name], ["1", "0.75"]]
    columns = [name, name.lower().replace("cat", "dog")]
    rows = rows_of(submission(answers(["1.jpg"], [0.25]), sample=wanted("1", *columns)))
    assert rows[1] == ["1", "0.75", "0.25"]


def test_a_column_of_no_class_is_told_to_be_of_the_last_one() -> None:
    form = SubmissionForm(["1.jpg"], ["cat", "dog"], sample=wanted("1", values=["0"]))
    assert form.notes == [
        "column 'label' has the probability of 'dog', unless --positive says another"
    ]


def test_classes_are_spelled_as_in_the_sample() -> None:
    found = of_classes(["1.jpg"], ["cat", "dog", "maine_coon"])
    form = SubmissionForm(
        ["1.jpg"], found.classes, sample=wanted("1", values=["Maine Coon", "Cat"])
    )
    assert rows_of(form.write(found))[1] == ["1", "Maine Coon"]
    assert form.notes[1] == "the sample does not have 'dog'; it is written so"


def test_ids_in_another_folder_and_case() -> None:
    ids = ["test/B.JPG", "test\\a.jpg"]
    text = submission(answers(["a.jpg", "b.jpg"]), sample=wanted(ids))
    assert list(table(text)) == ids
    assert list(table(text).values()) == pytest.approx([0.9, 0.1])


def test_names_of_classes_where_the_sample_has_them() -> None:
    three = of_classes(["1.jpg"], ["a", "b", "c"])
    form = SubmissionForm(three.paths, three.classes, sample=wanted(["1"], values=["a"]))
    assert rows_of(form.write(three))[1] == ["1", "c"]
    assert "names of classes" in form.notes[0]
    digits = of_classes(["1.jpg"], [str(i) for i in range(10)])
    assert rows_of(submission(digits, sample=wanted(["1"], values=["0"])))[1] == ["1", "9"]


def test_several_labels() -> None:
    proba = np.array([[0.9, 0.1, 0.8], [0.1, 0.2, 0.3]])
    rules = LabelRules((1.0,) * 3, (0.0,) * 3, (0.5,) * 3)
    both = LabelPredictions(["1.jpg", "2.jpg"], ["a", "b", "c"], proba, ["ok"] * 2, rules)
    sample = wanted(["2", "1"], values=["a,b", "c"])
    assert rows_of(submission(both, sample=sample))[1:] == [["2", ""], ["1", "a,c"]]
    assert rows_of(submission(both, sample=sample._replace(values=frozenset("a"))))[2] == [
        "1",
        "a c",
    ]
    assert rows_of(submission(both))[1] == ["1", "0.9", "0.1", "0.8"]
    with pytest.raises(SubmissionError, match="alone cannot hold the probabilities of 3"):
        submission(both, sample=wanted(["1", "2"], values=["0.5"]))


@pytest.mark.parametrize(
    ("paths", "ids", "message"),
    [
        (["1.jpg", "1.png"], None, r"id 1 is of several photos: 1\.jpg, 1\.png"),
        (["1.jpg", "01.jpg"], None, "id 1 is of several"),
        (["1.jpg", "3.jpg"], None, r"1 missing \(first 2\), 1 not expected \(first 3\)"),
        (["1.jpg", "cat.1.jpg"], None, r"cat\.1\.jpg: its name is not a number"),
        (["9" * 5000 + ".jpg"], None, "1 not expected"),
        (["1.jpg"], ["1", "2", "10"], r"2 missing \(first 2\)"),
        (["1.jpg", "x/2.jpg"], ["1"], r"0 missing, 1 not expected \(first x/2\.jpg\)"),
        (["1.jpg"], ["²"], "1 missing"),
        (["a/1.jpg", "b/1.jpg"], ["1"], r"id 1 is of several photos: a/1\.jpg, b/1\.jpg"),
        (["1.jpg"], ["1", "1.jpg"], "is of several photos"),
        (["id.jpg"], ["1"], "no header: its first row, 'id', is a photo"),
    ],
)
def test_wrong_ids(paths: list[str], ids: list[str] | None, message: str) -> None:
    with pytest.raises(SubmissionError, match=message):
        SubmissionForm(paths, ["cat", "dog"], sample=None if ids is None else wanted(ids))


def test_ids_with_folders_are_told_apart() -> None:
    sample = wanted(["b/1", "a/1"])
    assert list(table(submission(answers(["a/1.jpg", "b/1.jpg"]), sample=sample))) == sample.ids


@pytest.mark.parametrize(
    ("columns", "values", "positive", "message"),
    [
        (["a", "b"], [], None, "class 'c' has no column; the columns are a, b"),
        (["a", "b", "x"], [], None, "column 'x' is no class of the model; its classes are a, b, c"),
        (["a", "b", "B", "c"], [], None, "a class has two columns"),
        (
            ["a", "b", "not c"],
            [],
            None,
            "'not c' is no class of the model .it names the class 'c' and says",
        ),
        (["label", "comment"], [], None, "none of the columns label, comment is a class"),
        (["a", "b", "c"], [], "a", "--positive fills one column"),
        (["label"], ["0.5"], None, "alone cannot hold the probabilities of 3 classes"),
        (["label"], ["owl"], None, "has 'owl', which is no class of the model: a, b, c"),
        (["a"], ["0.5"], "b", "column 'a' is the class 'a', and --positive says 'b'"),
        (["label"], ["0.5"], "fox", "'fox' is not one of a, b, c"),
    ],
)
def test_columns_that_fit_no_class(
    columns: list[str], values: list[str], positive: str | None, message: str
) -> None:
    with pytest.raises(SubmissionError, match=message):
        SubmissionForm(
            ["1.jpg"],
            ["a", "b", "c"],
            positive=positive,
            sample=wanted(["1"], *columns, values=values),
        )


def test_no_value_is_invented() -> None:
    torn = answers(["1.jpg", "2.jpg"])
    torn.status[1] = "unreadable: it is empty"
    with pytest.raises(SubmissionError, match=r"2\.jpg: unreadable: it is empty .*nothing was"):
        submission(torn)


def test_the_sample_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_text("\ufefflabel;image_id\r\n0,5; 007\r\n0,5;1e5\r\n", encoding="utf-8")
    sample = read_sample(path)
    assert sample == Sample(["007", "1e5"], ["label", "image_id"], 1, frozenset({"0,5"}), ";")
    path.write_text("ImageFile,Abyssinian,pug\nNA,0,0\nnull,0,0\n")
    assert read_sample(path) == Sample(["NA", "null"], ["ImageFile", "Abyssinian", "pug"])
    text = submission(
        of_classes(["1e5.jpg", "007.jpg"], ["a", "b"]), sample=sample._replace(values=frozenset())
    )
    assert [row[1] for row in rows_of(text, ";")] == ["image_id", "007", "1e5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no rows"),
        (b"id,label\n", "no rows"),
        (b"id,label\n1,0\n1,0\n", "id '1' is there 2 times"),
        (b"id,label\n1,0\n,0\n", "row 2 has no id"),
        (b"id,label\n1,0\n2\n", "row 2 has 1 fields and the header 2"),
        (b"id\n\xff\n", "not UTF-8 text"),
        (b"id\n" + b"1" * 200_000, "not a readable table"),
    ],
)
def test_samples_that_are_refused(tmp_path: Path, text: bytes, message: str) -> None:
    (tmp_path / "s.csv").write_bytes(text)
    with pytest.raises(SubmissionError, match=rf"s\.csv: {message}"):
        read_sample(tmp_path / "s.csv")
    with pytest.raises(SubmissionError, match=r"gone\.csv: cannot be read"):
        read_sample(tmp_path / "gone.csv")


def test_a_sample_of_ids_alone_has_nothing_to_fill() -> None:
    with pytest.raises(SubmissionError, match="no column to fill"):
        SubmissionForm(["1.jpg"], ["cat", "dog"], sample=Sample(["1"], ["id"]))
