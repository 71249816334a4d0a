"""A search over the values of a recipe that trains a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

from pawlens import Classifier, Photos, Recipe
from pawlens._errors import RecipeError

from .training.tiny import weights

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]


def recipe(space: dict[str, Any]) -> Recipe:
    phases = [
        {"do": "search", "head": None, "trials": 3, "space": space},
        {"do": "fuse"},
        {"do": "unfreeze", "blocks": 1},
        {"do": "train", "epochs": 2, "batch": 16, "early_stopping": 1},
        {"do": "calibrate"},
    ]
    return Recipe.parse({"backbones": ["test_resnet@32"], "phases": phases}, "test")


def rows(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_best_trial_is_what_ships(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    weights(tmp_path / "weights", "test_resnet")
    photos = Photos.read(photo_folder(cat=20, dog=20))
    space = {"phases.3.rate": {"log": [1e-4, 1e-2]}, "phases.3.augment": ["none", "flip"]}
    run = Classifier(recipe=recipe(space), weights_dir=tmp_path / "weights").fit(
        photos, tmp_path / "run"
    )
    search = run.metrics["search"]
    assert len(search["trials"]) == 3
    best = search["best"]
    assert best["loss"] == min(row["loss"] for row in search["trials"])
    assert best["loss"] == min(best["losses"])
    trained = [row["valid_loss"] for row in rows(run.path) if row["do"] == "train"]
    assert trained == best["losses"]  # its network was taken as it is, or is the same again
    assert run.metrics["photos"] == {"train": 28, "validates": 4, "held out": 8}
    assert not (run.path / "cache").exists()
    assert (run.path / "trials.journal").is_file()
    assert "How its values were found" in run.report_path.read_text(encoding="utf-8")


def test_a_path_that_leads_nowhere(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=10, dog=10))
    with pytest.raises(RecipeError, match=r"phases\.9\.rate"):
        Classifier(recipe=recipe({"phases.9.rate": [1e-4, 1e-3]})).fit(photos, tmp_path / "run")
