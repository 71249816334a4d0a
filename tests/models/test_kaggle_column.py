"""What stands in the only column of a submission, by its name and the sample's values."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from pawlens.errors import SubmissionError
from pawlens.metrics import LabelRules
from pawlens.models import LabelPredictions, Predictions, Sample, SubmissionForm

ROWS = np.array([[0.75, 0.25], [0.125, 0.875]])


def filled(
    classes: list[str],
    column: str = "label",
    values: tuple[str, ...] = (),
    *,
    positive: str | None = None,
    delimiter: str = ",",
    proba: np.ndarray = ROWS,
) -> tuple[list[str], list[str]]:
    """Return the cells of two photos, and what was said of them."""
    sample = Sample(["1", "2"], ["id", column], 0, frozenset(values), delimiter)
    paths = ["1.jpg", "2.jpg"]
    form = SubmissionForm(paths, classes, positive=positive, sample=sample)
    text = form.write(Predictions(paths, classes, proba, ["ok"] * 2))
    return [row[1] for row in csv.reader(io.StringIO(text), delimiter=delimiter)][1:], form.notes


@pytest.mark.parametrize("column", ["isCat", "has_cat", "contains_cat", "cats", "target_cat"])
@pytest.mark.parametrize("values", [(), ("0",), ("0.5",), ("0", "1")])
def test_a_column_of_a_class_has_its_probability(column: str, values: tuple[str, ...]) -> None:
    cells, notes = filled(["cat", "dog"], column, values)
    assert cells == ["0.75", "0.125"]
    assert notes == [f"column {column!r} has the probability of 'cat'"]


@pytest.mark.parametrize("column", ["not_cat", "is_not_cat", "is_feline", "cat_or_dog"])
def test_a_column_of_unknown_meaning_is_refused_until_a_person_says_it(column: str) -> None:
    with pytest.raises(SubmissionError, match="say with --positive whose probability"):
        filled(["cat", "dog"], column, ("0.5",))
    assert filled(["cat", "dog"], column, ("0.5",), positive="dog")[0] == ["0.25", "0.875"]


@pytest.mark.parametrize(
    ("classes", "values", "odd"),
    [
        (["cat", "dog"], ("cat", "dog", "bird"), "'bird', which is no class"),
        (["cat", "dog"], ("cat", "2"), "'2', which is no class"),
        (["0", "1"], ("-1", "1"), "'-1', which is no class"),
        (["0", "1"], ("0", "1", "2"), "'2', which is no class"),
        (["cat", "dog"], ("1", "2"), "'2', neither a probability nor a class"),
        (["cat", "dog"], ("-1",), "'-1', neither a probability nor a class"),
        (["cat", "dog"], ("bird",), "'bird', which is no class"),
    ],
)
def test_values_of_no_class(classes: list[str], values: tuple[str, ...], odd: str) -> None:
    with pytest.raises(SubmissionError, match=f"of the sample has {odd}"):
        filled(classes, values=values)


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (("0",), ["0", "1"]),
        (("0.0",), ["0.0", "1.0"]),
        (("0", "1"), ["0", "1"]),
        (("0", "0.5"), ["0.25", "0.875"]),
        (("0.0", "1.0", "0.3"), ["0.25", "0.875"]),
        (("0.5",), ["0.25", "0.875"]),
        (("nan",), ["0.25", "0.875"]),
    ],
)
def test_zeros_and_ones_are_labels_and_fractions_probabilities(
    values: tuple[str, ...], cells: list[str]
) -> None:
    found, notes = filled(["0", "1"], values=values)
    assert found == cells
    assert any("--positive" in note for note in notes) == (values != ("nan",))
    assert filled(["0", "1"], values=values, positive="1")[0] == ["0.25", "0.875"]


def test_numbers_are_written_as_the_sample_writes_them() -> None:
    classes = [str(number) for number in range(11)]
    proba = np.eye(11)[[1, 10]]
    values = tuple(f"{number}.0" for number in range(10))
    cells, notes = filled(classes, values=values, proba=proba)
    assert cells == ["1.0", "10.0"]
    assert notes[-1] == "the sample does not have '10'; it is written as '10.0'"


def test_the_same_words_come_from_every_process() -> None:
    code = (
        "from pawlens.models import *; import numpy as np\n"
        "sample = Sample(['1'], ['id', 'label'], 0, frozenset(['Cat', 'CAT', 'cats', 'dog']))\n"
        "found = Predictions(['1.jpg'], ['cat', 'dog'], np.array([[0.9, 0.1]]), ['ok'])\n"
        "print(submission(found, sample=sample))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (("True", "False"), ["True", "False"]),
        (("False",), ["True", "False"]),
        (("no",), ["yes", "no"]),
        (("Y", "N"), ["Y", "N"]),
    ],
)
def test_answers_in_words(values: tuple[str, ...], cells: list[str]) -> None:
    found, notes = filled(["cat", "dog"], "is_cat", values)
    assert found == cells
    assert notes == [
        f"column 'is_cat' has {cells[0]!r} where the answer is 'cat', as in the sample"
    ]
    assert filled(["cat", "dog"], values=values, positive="dog")[0] == cells[::-1]


def test_answers_in_words_need_a_class() -> None:
    with pytest.raises(SubmissionError, match="'False', which is written for the class of --pos"):
        filled(["cat", "dog"], values=("True", "False"))


def test_a_decimal_comma() -> None:
    assert filled(["cat", "dog"], values=("0,5",), delimiter=";")[0] == ["0,25", "0,875"]


def of_several(values: tuple[str, ...]) -> list[str]:
    paths = ["1.jpg", "2.jpg"]
    proba = np.array([[0.9, 0.1, 0.8], [0.1, 0.2, 0.3]])
    rules = LabelRules((1.0,) * 3, (0.0,) * 3, (0.5,) * 3)
    answers = LabelPredictions(paths, ["a", "b", "c"], proba, ["ok"] * 2, rules)
    sample = Sample(["1", "2"], ["id", "labels"], 0, frozenset(values))
    form = SubmissionForm(paths, answers.classes, several=True, sample=sample)
    return [row[1] for row in csv.reader(io.StringIO(form.write(answers)))][1:]


def test_several_labels_are_joined_as_in_the_sample() -> None:
    for values, cell in {
        ("a, b", "c"): "a, c",
        ("A;B", ""): "A;c",
        ("a b",): "a c",
        ("a",): "a c",
    }.items():
        assert of_several(values) == [cell, ""]


@pytest.mark.parametrize("values", [("a b", "a owl"), ("a", "owl"), ("a,owl",), ("a", "0.5")])
def test_an_unknown_label_among_several(values: tuple[str, ...]) -> None:
    with pytest.raises(SubmissionError, match=r"owl', which is no class|alone cannot hold"):
        of_several(values)
