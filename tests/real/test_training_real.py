"""Fine-tuning on real photos and weights, where they lie beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pawlens import Classifier, Photos, Recipe, Run

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ZIP = SHARED / "data" / "dogs-vs-cats" / "train.zip"
WEIGHTS = SHARED / "weights"

pytestmark = [
    pytest.mark.real,
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.skipif(not ZIP.is_file(), reason="the real photos are not beside the repository"),
    pytest.mark.xdist_group("torch"),
]
pytest.importorskip("torch")


@pytest.mark.parametrize(
    "network", ["mobilenetv2_100@160", "densenet169@128", "tf_efficientnet_b4@128"]
)
def test_the_rate_finder_is_steady_and_sane(network: str, networks: Path, tmp_path: Path) -> None:
    photos = Photos.read(ZIP)
    photos = photos.subset([*range(100), *range(4400, 4500)])
    assert photos.classes == ["cat", "dog"]

    def trained(epochs: int) -> tuple[Run, list[dict[str, Any]]]:
        phases = [
            {"do": "fuse"},
            {"do": "find_rate", "low": 1e-6, "high": 10, "steps": 70},
            {"do": "train", "epochs": epochs, "batch": 32, "rate": "found"},
        ]
        recipe = Recipe.parse({"backbones": [network], "phases": phases}, "test")
        classifier = Classifier(recipe=recipe, weights_dir=WEIGHTS, cache_dir=networks)
        run = classifier.fit(photos, tmp_path / str(epochs))
        text = (run.path / "history.jsonl").read_text(encoding="utf-8")
        return run, [json.loads(line) for line in text.splitlines()]

    run, rows = trained(15)
    again = trained(1)[1]
    assert run.accuracy > 0.8
    found = [next(row for row in some if row["do"] == "find_rate") for some in (rows, again)]
    assert found[0] == found[1]
    assert 1e-5 < found[0]["chosen"] < 0.3
    losses = [row["valid_loss"] for row in rows if row["do"] == "train"]
    assert min(losses) < np.log(2) / 2
