"""Whatever resumes ends alike, wherever it was killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pawlens import Classifier, Photos, Recipe

from .kill_points import EVERY_LINE, TIMEOUT, in_a_process
from .striped import fill

pytest.importorskip("optuna")

LOOPS = ["extraction", "audit", "search", "search of recipes", "ensemble", "parts"]


@pytest.mark.timeout(0 if EVERY_LINE else TIMEOUT + 300)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.slow
def test_what_is_killed_at_any_point_ends_with_the_same_bits(tmp_path: Path) -> None:
    photos = fill(tmp_path / "photos", 8)
    for name, l2 in (("loose", 0.001), ("strict", 1.0)):
        recipe = Recipe(folds=3, l2=[l2])
        Classifier(recipe=recipe, cache_dir=tmp_path / "cache").fit(
            Photos.read(photos), tmp_path / name
        )
    out = tmp_path / "killed"
    out.mkdir()
    found = in_a_process("tests.killed_everywhere", photos, tmp_path, out)
    assert [f"{name}: {line}" for name, one in found.items() for line in one.failures] == []
    assert list(found) == LOOPS
    assert min(one.states for one in found.values()) >= 4
