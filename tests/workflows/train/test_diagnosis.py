"""Failures of a whole run: planted ones are named, and the report shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from pawlens import Classifier, Photos


def test_planted_failures_are_grouped(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = photo_folder(cat=40, dog=40)
    for number in range(3):  # turned by a quarter, a cat looks like a dog
        with Image.open(folder / f"cat/{number}.jpg") as one:
            one.rotate(90, expand=True).save(folder / f"cat/turned{number}.png")
    run = Classifier(cache_dir=tmp_path / "cache").fit(Photos.read(folder), tmp_path / "run")
    found = run.metrics["failures"]
    wrong = round((1 - run.accuracy) * len(run.oof()))
    assert wrong >= 1
    assert sum(found.values()) == min(wrong, 48)
    assert set(found) <= {"both", "label", "turned", "quality", "small", "unlike", "other"}
    page = run.report_path.read_text(encoding="utf-8")
    assert "Where it fails" in page
    assert "What to do next" in page
    assert "pawlens train PHOTOS --recipe best" in page
    assert run.environment["seconds"]["failures"] > 0
