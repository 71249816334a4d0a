"""Several labels on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..side_by_side import collages
from .conftest import Command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collages(tmp_path_factory.mktemp("several") / "p", count=8).parent


def test_train_predict_and_evaluate(pawlens: Command, folder: Path, tmp_path: Path) -> None:
    photos, run = str(folder / "labels.csv"), str(tmp_path / "run")
    trained = pawlens("train", photos, "--labels", "several", "--out", run)
    assert trained.code == 0
    assert trained.out.startswith("32 photos in 2 labels\n")
    for words in ("  subset accuracy", "  mean average precision", "  cat  f1 ", "  dog  f1 "):
        assert words in trained.out
    predicted = pawlens("predict", run, photos)
    assert predicted.code == 0
    assert len(predicted.out.splitlines()) == 21
    rows = json.loads(pawlens("predict", run, photos, "--json").out)
    line = predicted.out.splitlines()[2]
    for label in rows[2]["label"].split(";"):
        assert f"{label}  {rows[2][f'p:{label}']:.4f}" in line
    pawlens("evaluate", run, photos, "--json").in_one_line("learnt from all 32 photos")
    others = collages(tmp_path / "others", count=3, seed=1)
    judged = json.loads(pawlens("evaluate", run, others, "--json").out)
    assert set(judged["labels"]) == {"cat", "dog"}
    assert (judged["photos"], judged["trained_on"]) == (12, 0)
    submitted = pawlens("predict", run, photos, "--kaggle")
    assert submitted.code == 0
    assert submitted.out.splitlines()[0] == "id,cat,dog"
    assert len(submitted.out.splitlines()) == 33


def test_a_run_of_one_label_tells_how_to_train_with_several(
    pawlens: Command, folder: Path, tmp_path: Path
) -> None:
    trained = pawlens("train", str(folder / "labels.csv"), "--out", str(tmp_path / "run"))
    assert "cat-dog.0.jpg: several labels: cat, dog" in trained.out
    assert "photos with several labels train with --labels several" in trained.out


def test_a_word_that_is_neither(pawlens: Command, folder: Path) -> None:
    pawlens("train", str(folder / "labels.csv"), "--labels", "many").in_one_line("labels", "many")
