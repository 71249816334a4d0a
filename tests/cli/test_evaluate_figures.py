"""What `pawlens evaluate` prints: every figure with its interval, as the JSON has it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos, load
from pawlens.metrics import evaluate

from ..striped import fill
from .conftest import Command

FIGURE = re.compile(r"  (\D+?) +([\d.]+)  \(([\d.]+) to ([\d.]+)\)(?:  (.+))?")


def test_the_figures_are_those_of_the_photos(
    pawlens: Command, trained: Path, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "new", 8, start=500)
    (folder / "dog" / "501.jpg").rename(folder / "cat" / "wrong.jpg")
    (folder / "dog" / "empty.jpg").write_bytes(b"")
    printed = pawlens("evaluate", trained, folder)
    assert printed.code == 0
    (left_out,) = printed.err.splitlines()
    assert left_out.startswith("left out: dog/empty.jpg: unreadable: the file is empty")
    first, *lines = printed.out.splitlines()
    assert first == "16 photos"
    told = {}
    beside = {}
    assert "2 classes of 2 with fewer than 20 photos: dog (7), cat (9)" in lines.pop()
    for line in lines:
        name, *figures, other = (FIGURE.fullmatch(line) or pytest.fail(line)).groups()
        beside[name] = other
        told[name.replace(" ", "_")] = [float(figure) for figure in figures]

    model, photos = load(trained), Photos.read(folder)
    rows = [row for row, photo in enumerate(photos) if photo.path != "dog/empty.jpg"]
    truth = np.array([model.classes_.index(photos[row].labels[0]) for row in rows])
    expected = evaluate(truth, model.answer(photos.subset(rows)).proba, model.classes_)
    assert told.keys() == expected.keys()
    assert beside["accuracy"] == "always cat: 0.5625"
    assert beside["log loss"] == "shares of the classes alone: 0.6853"
    assert told["accuracy"][0] < 1
    for name, metric in expected.items():
        figures = [metric.value, metric.low, metric.high]
        assert told[name] == pytest.approx(figures, abs=6e-5), name

    found = json.loads(pawlens("evaluate", trained, folder, "--json").out)
    assert found.pop("photos") == 16
    assert found.pop("trained_on") == 0
    assert [path for path, _ in found.pop("skipped")] == ["dog/empty.jpg"]
    assert found.pop("baseline")["answer"] == "cat"
    assert len(found.pop("notes")) == 1
    assert found.keys() == expected.keys()
    for name, metric in expected.items():
        assert [found[name][end] for end in ("value", "low", "high")] == pytest.approx(
            [metric.value, metric.low, metric.high]
        )
