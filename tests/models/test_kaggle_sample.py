"""Columns of a sample submission: ids, classes called like photos, an index, Kaggle's usage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pawlens.models import Predictions, read_sample, submission


def written(path: Path, text: str, classes: list[str]) -> list[str]:
    path.write_text(text)
    paths = ["1.jpg", "2.jpg", "x.jpg", "y.jpg"]
    ids = read_sample(path).ids
    paths = [one for one in paths if one.removesuffix(".jpg") in ids]
    proba = np.tile([0.75, 0.25], (len(paths), 1))
    answers = Predictions(paths, classes, proba, ["ok"] * len(paths))
    return submission(answers, sample=read_sample(path)).splitlines()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("id,label,Usage\n1,0.5,Public\n2,0.5,Private\n", "2,0.25,Private"),
        ("Unnamed: 0,id,label\n0,1,0.5\n1,2,0.5\n", "1,2,0.25"),
        (",id,cat,dog\n0,1,0,0\n1,2,0,0\n", "1,2,0.75,0.25"),
        (",animal,label\n0,x,0.5\n1,y,0.5\n", "1,y,0.25"),
        ("index,id,label\n1,1,0.5\n2,2,0.5\n", "2,2,0.25"),
    ],
)
def test_columns_that_say_nothing_are_copied(tmp_path: Path, text: str, row: str) -> None:
    assert written(tmp_path / "s.csv", text, ["cat", "dog"])[-1] == row


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("test_id,drawing,photo\n1,0.5,0.5\n2,0.5,0.5\n", "2,0.75,0.25"),
        ("number,photo,drawing\n1,0,0\n2,0,0\n", "2,0.25,0.75"),
        ("id,photo,drawing\n1,0.4,0.6\n2,0.5,0.5\n", "2,0.25,0.75"),
    ],
)
def test_classes_that_are_called_like_photos(tmp_path: Path, text: str, row: str) -> None:
    assert written(tmp_path / "s.csv", text, ["drawing", "photo"])[-1] == row


def test_an_index_that_is_the_id(tmp_path: Path) -> None:
    for header in ("index,cat,dog", "index,label"):
        cells = ",0" * header.count(",")
        (tmp_path / "s.csv").write_text(f"{header}\n1{cells}\n2{cells}\n")
        sample = read_sample(tmp_path / "s.csv")
        assert (sample.ids, sample.copied) == (["1", "2"], {})
