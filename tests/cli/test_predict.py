from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Command


def test_table_on_the_screen(pawlens: Command, trained: Path, photos: Path) -> None:
    found = pawlens("predict", trained, photos)
    assert (found.code, found.err) == (0, "")
    path, label, probability = found.out.splitlines()[0].split()
    assert (path, label) == ("cat/0.jpg", "cat")
    assert 0.5 <= float(probability) <= 1


def test_json_and_files_agree(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    found = pawlens("predict", trained, photos, "--json", "--out", tmp_path / "new" / "a.json")
    rows = json.loads(found.out)
    assert rows == json.loads((tmp_path / "new" / "a.json").read_text())
    assert len(rows) == 12
    for row in rows:
        assert row["p:cat"] + row["p:dog"] == pytest.approx(1, abs=1e-6)
        assert row["label"] == max(("cat", "dog"), key=lambda name: row[f"p:{name}"])


def test_views(pawlens: Command, trained: Path, photos: Path) -> None:
    def answered(*options: str) -> list[float]:
        found = pawlens("predict", trained, photos, "--json", *options)
        return [row["p:cat"] for row in json.loads(found.out)]

    plain = answered()
    both = answered("--views", "flip, crops")
    assert plain != both == answered("--views", "crops,flip")
    assert answered("--views", "rotations") == answered("--rotations")
    found = pawlens("predict", trained, photos, "--views", "flip,zoom")
    found.in_one_line("unknown view 'zoom'", "flip, rotations, crops, subject")


def test_submission_on_standard_output(pawlens: Command, trained: Path, photos: Path) -> None:
    found = pawlens("predict", trained, photos / "dog" / "1.jpg", "--kaggle")
    header, row = found.out.splitlines()
    assert (header, row[:2]) == ("id,label", "1,")
    other = pawlens("predict", trained, photos / "dog" / "1.jpg", "--kaggle", "--positive", "cat")
    values = [float(text.splitlines()[1][2:]) for text in (found.out, other.out)]
    assert sum(values) == pytest.approx(1, abs=1e-6)


def test_a_reader_that_has_seen_enough(trained: Path, photos: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "pawlens", "predict", str(trained), str(photos / "cat")]
    found = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=120)
    os.close(writer)
    assert found.returncode in (0, 1)  # 1 where Python does not buffer: the framework's own code
    assert found.stderr == b"photos: 6 read, without labels\n"


def test_mistyped_sources_are_named(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    photo = photos / "dog" / "1.jpg"
    pawlens("predict", "runs/nope", photos).in_one_line("runs/nope: no such model")
    pawlens("predict", trained, photo, photos).in_one_line(f"{photos}: a folder; name one folder")
    pawlens("predict", trained, photo, "x.jpg").in_one_line("x.jpg: no such file")
    out = tmp_path / "answers.xyz"
    pawlens("predict", trained, photo, "--out", out).in_one_line("answers.xyz", "use .csv or .json")
    assert not out.exists()
    found = pawlens("predict", trained, photo, "--kaggle", "--out", tmp_path / "answers.json")
    found.in_one_line("answers.json", "use .csv")


def test_a_submission_is_no_json(pawlens: Command, trained: Path, photos: Path) -> None:
    found = pawlens("predict", trained, photos / "dog" / "1.jpg", "--kaggle", "--json")
    found.in_one_line("--kaggle gives a submission as CSV", "leave one out")
