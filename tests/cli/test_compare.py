"""``pawlens compare`` on real run folders."""

from __future__ import annotations

import json
from pathlib import Path

from pawlens import Classifier, Photos

from .conftest import Command


def test_two_seeds_side_by_side(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    photos = Photos.read(trained.parent / "photos")
    Classifier(folds=2, seed=1, cache_dir=trained.parent / "cache").fit(photos, tmp_path / "other")
    page = tmp_path / "page.html"
    found = pawlens("compare", trained, tmp_path / "other", "--out", page)
    assert found.code == 0
    lines = found.out.splitlines()
    assert lines[0] == "24 photos that all answered without training on them, 95 % intervals:"
    assert "always cat: 50.0 %; shares of the classes alone: log loss 0.6931" in lines[4]
    assert "no real difference" in lines[5]
    assert lines[-1] == f"page  {page}"
    assert "Nothing but the seed differs" in found.err
    assert page.read_text(encoding="utf-8").count("data:image/jpeg") == 24
    found = pawlens("compare", trained, tmp_path / "other", "--out", page, "--json")
    told = json.loads(found.out)
    assert told["differences"][0]["verdict"] == "no real difference"
    assert told["photos"] == 24
    assert told["baseline"]["right"] == 0.5
    assert set(told["runs"]) == {"run", "other"}


def test_photos_that_have_moved_are_named(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    found = pawlens("compare", trained, trained, "--out", tmp_path / "page.html")
    found.in_one_line("named twice")
    found = pawlens("compare", trained, "--out", tmp_path / "page.html")
    found.in_one_line("1 run to compare")
