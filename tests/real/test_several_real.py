"""Several labels on real photos, where they lie beside the repository."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from pawlens import Classifier, Photos

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ZIP = SHARED / "data" / "dogs-vs-cats" / "train.zip"
NEITHER = SHARED / "data" / "neither"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ZIP.is_file(), reason="the real photos are not beside the repository"),
]


def test_cats_dogs_both_and_neither(tmp_path: Path) -> None:
    collages = runpy.run_path(str(ROOT / "benchmarks" / "several_labels.py"))["collages"]
    folders = [str(NEITHER / f"photo-{kind}") for kind in ("elephant", "house", "person")]
    listed = collages(Photos.read(ZIP), folders, 60, tmp_path / "photos")
    run = Classifier(labels="several", cache_dir=tmp_path / "cache").fit(
        Photos.read(listed), tmp_path / "run"
    )
    assert run.metrics["photos"] == {"train": 252}
    for label in ("cat", "dog"):
        assert run.metrics["labels"][label]["roc_auc"]["low"] > 0.85
        assert run.metrics["labels"][label]["accuracy"]["low"] > 0.75
    assert run.accuracy > 0.6
