"""``pawlens prove``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command

pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@pytest.mark.slow
def test_a_page_and_the_figures(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    found = pawlens(
        *("prove", photos, "--augment", "flip,erase=0.5", "--copies", 1, "--folds", 2),
        *("--seeds", 1, "--out", page, "--json"),
    )
    assert found.code == 0
    plain, arm = json.loads(found.out)["arms"]
    assert plain["name"] == "plain"
    assert (arm["name"], arm["values"]["flip"], arm["values"]["erase"]) == (
        "flip,erase=0.5",
        0.5,
        0.5,
    )
    assert arm["difference"]["low"] <= arm["difference"]["value"] <= arm["difference"]["high"]
    assert arm["folds"] == 2
    assert "flip,erase=0.5" in page.read_text(encoding="utf-8")


def test_wrong_values(pawlens: Command, photos: Path) -> None:
    pawlens("prove", photos, "--augment", "wild").in_one_line("--augment", "'wild'", "strong")
    pawlens("prove", photos, "--augment", "turn=3").in_one_line("turn=3", "rotate")
    pawlens("prove", photos, "--augment", "").in_one_line("--augment", "rotate=20")
