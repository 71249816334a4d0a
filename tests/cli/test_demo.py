"""The demo: drawn photos, a run, an audit, and what was found of what was planted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pawlens.audit import Audit, Detection
from pawlens.cli import app
from pawlens.cli._demo import score_flaws
from pawlens.photos import Photos, measure_shapes


def test_flaws_are_scored_by_the_kinds_that_fit_them(tmp_path: Path) -> None:
    for name in ("cat.1.jpg", "cat.2.jpg", "dog.1.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    photos = Photos.read(tmp_path)
    none = np.zeros(3, bool)
    border = Detection("border", np.zeros(3), np.array([True, False, False]), {})
    blurred = Detection("blurred", np.zeros(3), np.array([False, True, False]), {})
    copies = Detection("near_duplicate", np.zeros(3), none | [False, False, True], {})
    found = {one.kind: one for one in (border, blurred, copies)}
    audited = Audit(
        photos,
        ["cat", "dog"],
        [],
        [],
        measure_shapes([], []),
        [],
        none.astype(np.int64),
        [],
        [],
        found,
        [],
        None,
    )
    flaws = [
        {"kind": "white_border", "file": "cat.1.jpg"},
        {"kind": "white_border", "file": "cat.2.jpg"},
        {"kind": "near_duplicate", "file": "cat.1.jpg", "of": "dog.1.jpg"},
    ]
    near, white = score_flaws({"flaws": flaws}, audited)
    assert (white["planted"], white["found"], white["remark"]) == (2, 1, "missed: cat.2.jpg")
    assert (near["planted"], near["found"]) == (1, 1)  # either of a pair may be named


@pytest.mark.slow
def test_the_demo_runs_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app(["demo", str(tmp_path / "demo"), "--count", "80", "--json"], standalone_mode=False)
    result = json.loads(capsys.readouterr().out)
    flaws = {row["kind"]: row for row in result["flaws"]}
    for kind in ("zero_bytes", "truncated", "gif_named_jpg", "tiny", "exact_duplicate", "leak"):
        assert flaws[kind]["found"] == flaws[kind]["planted"] > 0, kind
    assert (tmp_path / "demo" / "run" / "report.html").is_file()
    assert (tmp_path / "demo" / "audit" / "audit.html").is_file()
    assert 0 < result["out_of_fold"]["log_loss"]["value"] < 1
