"""The main job on real photos, where they lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pawlens import Classifier, Photos, load
from pawlens.models import submission
from pawlens.photos import near_duplicate_groups, scan_photos

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DATA = SHARED / "data"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real photos are not beside the repository"),
]


def some(photos: Photos, per_class: int) -> Photos:
    """The first photos of each class."""
    rows: list[int] = []
    for name in photos.classes:
        rows += [i for i, photo in enumerate(photos) if photo.label == name][:per_class]
    return photos.subset(sorted(rows))


def test_a_kaggle_archive_to_a_submission(tmp_path: Path) -> None:
    photos = some(Photos.read(DATA / "dogs-vs-cats" / "train.zip"), 500)
    assert photos.classes == ["cat", "dog"]
    run = Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / "run")
    assert run.accuracy > 0.85
    assert run.log_loss < 0.35
    parity = json.loads((run.path / "parity.json").read_text())
    assert all(parity[name]["passed"] for name in ("onnxruntime", "openvino"))
    assert parity["onnxruntime"]["photos"] == 64
    tests = Photos.read(DATA / "dogs-vs-cats" / "test.zip", labels=False)
    lines = submission(load(run.path).answer(tests)).splitlines()
    assert lines[0] == "id,label"
    assert [line.split(",")[0] for line in lines[1:]] == [str(i) for i in range(1, 501)]
    assert run.report_path.stat().st_size < 3_000_000


def test_fused_pretrained_backbones_from_a_weights_folder(networks: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    photos = some(Photos.read(DATA / "dogs-vs-cats" / "train.zip"), 250)
    run = Classifier(
        ["mobilenetv2_100", "paw"], weights_dir=SHARED / "weights", cache_dir=networks
    ).fit(photos, tmp_path / "run")
    assert run.accuracy > 0.95
    assert run.log_loss < 0.15


def test_twelve_breeds_by_their_list(tmp_path: Path) -> None:
    photos = Photos.read(DATA / "cat-12")
    assert len(photos) == 1728
    assert photos.classes == [str(i) for i in range(12)]
    run = Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / "run")
    assert run.accuracy > 0.4
    assert np.array(run.metrics["confusion"]).sum() == 1728
    formats = run.photos().to_pydict()["format"]
    assert {"JPEG", "PNG", "GIF"} <= set(formats)


def test_the_same_photographs_under_other_names_are_found() -> None:
    pets, breeds = Photos.read(DATA / "pets"), Photos.read(DATA / "cat-12")
    cats = [i for i, photo in enumerate(pets) if photo.path[0].isupper()]
    scans = [*scan_photos(pets), *scan_photos(breeds)]
    groups = near_duplicate_groups(scans)
    others = set(groups[len(pets) :].tolist())
    dogs = sorted(set(range(len(pets))) - set(cats))
    assert np.mean([int(groups[i]) in others for i in cats]) > 0.85
    assert not any(int(groups[i]) in others for i in dogs)
