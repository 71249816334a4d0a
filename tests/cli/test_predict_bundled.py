"""``pawlens predict`` without a model, and with turns."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .conftest import Command


def test_photos_alone_are_answered_by_the_bundled_classifier(
    pawlens: Command, photos: Path, tmp_path: Path
) -> None:
    found = pawlens("predict", photos / "cat" / "0.jpg")
    assert (found.code, found.err) == (0, "")
    _, label, value = found.out.split()
    assert label in {"cat", "dog", "neither", "both"}
    assert 0 <= float(value) <= 1
    found = pawlens("predict", photos, "--out", tmp_path / "a.csv")
    assert (found.code, found.out) == (0, "")
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["path", "status", "label", "p:cat", "p:dog", "neither_score", "both_score"]
    assert list(rows[0]) == columns
    assert len(rows) == 12
    for row in rows:
        assert float(row["p:cat"]) + float(row["p:dog"]) == pytest.approx(1, abs=1e-6)
        assert (row["label"] == "neither") == (float(row["neither_score"]) >= 0.5)


def test_by_name_it_is_the_same(pawlens: Command, photos: Path) -> None:
    alone = pawlens("predict", photos, "--json")
    named = pawlens("predict", "cats-vs-dogs", photos, "--json")
    assert json.loads(alone.out) == json.loads(named.out)


def test_several_photos_and_one_that_is_torn(
    pawlens: Command, photos: Path, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes((photos / "cat" / "1.jpg").read_bytes()[:400])
    found = pawlens("predict", photos / "cat" / "0.jpg", torn, "--json")
    assert found.code == 2
    assert "torn.jpg: unreadable" in found.err
    good, bad = json.loads(found.out)
    assert good["status"] == "ok"
    assert bad["label"] is None
    assert bad["p:cat"] is None
    assert bad["both_score"] is None


def test_submission(pawlens: Command, photos: Path) -> None:
    found = pawlens("predict", photos / "dog" / "1.jpg", "--kaggle")
    header, row = found.out.splitlines()
    assert (header, row[:2]) == ("id,label", "1,")
    assert 0 <= float(row[2:]) <= 1


def test_a_run_is_told_from_photos(pawlens: Command, trained: Path, photos: Path) -> None:
    rows = json.loads(pawlens("predict", trained, photos, "--json").out)
    assert "both_score" not in rows[0]
    pawlens("predict", trained).in_one_line("a model and no photos")
    pawlens("predict", "gone.onnx", photos).in_one_line("gone.onnx: no such model")
    pawlens("predict", photos.parent / "gone").in_one_line("gone: no such file")


def test_rotations_for_runs_and_for_the_bundled_one(
    pawlens: Command, trained: Path, photos: Path
) -> None:
    for model in ((), (trained,)):
        plain = json.loads(pawlens("predict", *model, photos, "--json").out)
        turned = json.loads(pawlens("predict", *model, photos, "--rotations", "--json").out)
        assert [row["path"] for row in turned] == [row["path"] for row in plain]
        assert any(abs(a["p:cat"] - b["p:cat"]) > 1e-3 for a, b in zip(plain, turned, strict=True))
        for row in turned:
            assert row["p:cat"] + row["p:dog"] == pytest.approx(1, abs=1e-6)
