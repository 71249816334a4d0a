"""Tables of answers: labels, rows, CSV, Arrow, and what a notebook shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos, Predictions
from pawlens.metrics import LabelRules
from pawlens.models import LabelPredictions
from pawlens.models._predictions import label_by_label, row_status

UNREADABLE = "unreadable: the file is empty"


@pytest.fixture
def answers() -> Predictions:
    proba = np.array([[0.25, 0.75], [np.nan, np.nan], [0.9, 0.1], [0.6, 0.4]])
    paths = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    return Predictions(paths, ["cat", "dog"], proba, ["ok", UNREADABLE, "ok", "ok"])


def test_labels_are_the_most_probable_classes(answers: Predictions) -> None:
    assert answers.labels == ["dog", None, "cat", "cat"]
    assert answers.unreadable == [("b.jpg", UNREADABLE)]
    assert repr(answers) == "Predictions(4 photos, 1 unreadable; cat, dog)"


def test_the_csv_has_a_row_a_photo(answers: Predictions, tmp_path: Path) -> None:
    text = answers.to_csv()
    assert text is not None
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["label"] for row in rows] == ["dog", "", "cat", "cat"]
    assert [row["p:dog"] for row in rows] == ["0.75", "", "0.1", "0.4"]
    assert rows[1]["status"] == UNREADABLE
    path = tmp_path / "new" / "answers.csv"
    assert answers.to_csv(path) is None
    assert path.read_text("utf-8") == text


def test_what_is_not_known_is_null_in_the_table(answers: Predictions) -> None:
    table = answers.to_arrow()
    assert table.column_names == ["path", "status", "label", "p:cat", "p:dog"]
    assert table["p:cat"].to_pylist() == [0.25, None, 0.9, 0.6]
    assert table["label"].to_pylist() == ["dog", None, "cat", "cat"]


def test_a_notebook_shows_the_first_rows_and_a_chart(answers: Predictions) -> None:
    card = answers._repr_html_()
    assert card is not None
    for text in ("Answers to 4 photos", "a.jpg", "0.7500", UNREADABLE, "largest probability"):
        assert text in card
    assert "<svg" in card or "data:image" in card
    assert "more" not in card
    assert "None" not in card  # an unreadable photo has no label, rather than one of that name


@pytest.mark.parametrize(("count", "note"), [(10, None), (11, "and 1 more"), (25, "and 15 more")])
def test_a_notebook_says_how_many_more_there_are(count: int, note: str | None) -> None:
    paths = [f"photo-{i:02}.jpg" for i in range(count)]
    proba = np.tile([0.4, 0.6], (count, 1))
    card = Predictions(paths, ["cat", "dog"], proba, ["ok"] * count)._repr_html_() or ""
    assert [path in card for path in paths] == [i < 10 for i in range(count)]
    assert (note or "Answers to 10 photos") in card
    assert ("more" in card) == (note is not None)


def test_no_photos_are_shown_without_a_chart() -> None:
    none = Predictions([], ["cat", "dog"], np.empty((0, 2)), [])
    card = none._repr_html_()
    assert card is not None
    assert "Answers to 0 photos" in card
    assert "<svg" not in card
    assert "data:image" not in card


def test_several_labels_are_those_that_reach_their_thresholds() -> None:
    rules = LabelRules((1.0,) * 3, (0.0,) * 3, (0.5, 0.3, 0.9))
    proba = np.array([[0.5, 0.2, 0.95], [0.4, 0.2, 0.8], [np.nan] * 3])
    status = ["ok", "ok", UNREADABLE]
    found = LabelPredictions(["1", "2", "3"], ["cat", "dog", "owl"], proba, status, rules)
    assert found.label_sets == [("cat", "owl"), (), None]
    assert found.labels == ["cat;owl", "none", None]


def test_labels_are_joined_one_by_one() -> None:
    """Each label is a problem of two answers, whatever the other labels are."""

    def mean(pairs: np.ndarray) -> np.ndarray:
        np.testing.assert_allclose(pairs.sum(axis=-1), 1)
        return np.asarray(pairs.mean(axis=0))

    looks = np.random.default_rng(0).random((3, 5, 4))
    np.testing.assert_allclose(label_by_label(mean)(looks), looks.mean(axis=0))


def test_the_reason_stands_in_the_status(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=3)
    (folder / "cat" / "1.jpg").write_bytes(b"")
    photos = Photos.read(folder, labels=False)
    proba = np.array([[0.1, 0.9], [np.nan, np.nan], [np.nan, np.nan]])
    first, second, third = row_status(photos, proba)
    assert first == "ok"
    assert second.startswith("unreadable: the file is empty")
    assert third == "unreadable: it changed while it was read"
    Image.new("RGB", (8, 8)).save(folder / "cat" / "1.jpg")
    assert row_status(photos, np.ones((3, 2))) == ["ok"] * 3
