"""``pawlens experiments``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command


@pytest.mark.slow
def test_a_page_and_the_figures(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "grid"
    command = ("experiments", photos, "--set", "folds=2", "--vary", "seed=0,1", "--out", out)
    found = pawlens(*command)
    assert found.code == 0, found
    assert found.out.count("the best") == 1
    assert (out / "experiments.html").is_file()
    points = json.loads(pawlens(*command, "--json").out)["points"]
    assert [point["values"] for point in points] == [{"seed": "0"}, {"seed": "1"}]
    assert [point["new"] for point in points] == [False, False]
    assert {Path(point["run"]).name for point in points} == {"seed=0", "seed=1"}


def test_wrong_use(pawlens: Command, photos: Path) -> None:
    pawlens("experiments", photos).in_one_line("--vary")
    pawlens("experiments", photos, "--vary", "folds").in_one_line("--vary folds", "KEY=VALUE")
    pawlens("experiments", photos, "--vary", "fold=2").in_one_line("fold", "folds")
