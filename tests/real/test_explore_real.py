"""The exploration of real photos tells what their publishers tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens import Photos
from pawlens.pages import render_exploration
from pawlens.photos import explore
from pawlens.workflows import figures

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real photos are not beside the repository"),
]


def test_photos_at_their_original_sizes() -> None:
    found = explore(Photos.read(DATA / "original-size"))
    facts = figures(found)
    assert facts["imbalance"] == 1
    assert facts["sizes"]["longer_side"]["99_of_100"] == 500
    assert next(iter(facts["shapes"])) == "4:3"
    assert found.shapes.within_two >= 0.95 * len(found.shapes.row)
    assert len(render_exploration(found).encode()) < 5_000_000


def test_twelve_breeds_hold_six_files_that_are_not_jpegs() -> None:
    facts = figures(explore(Photos.read(DATA / "cat-12")))
    assert (facts["photos"], len(facts["classes"])) == (1728, 12)
    assert len(facts["wrong_extension"]) == 6
    assert facts["unreadable"] == []


def test_thirty_seven_breeds() -> None:
    facts = figures(explore(Photos.read(DATA / "pets")))
    totals = [one["photos"] for one in facts["classes"].values()]
    assert (len(totals), max(totals), min(totals)) == (37, 51, 37)
    assert facts["sizes"]["different"] == 1
