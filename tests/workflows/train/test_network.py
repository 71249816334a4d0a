"""A recipe with phases, from photos to a run like every other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from pawlens import Classifier, Photos, Recipe, load
from pawlens.errors import RecipeError
from pawlens.explain import Explainer

from ...training.tiny import weights

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]

RECIPE = Recipe.parse(
    {
        "backbones": ["test_resnet@32", "test_efficientnet@40"],
        "phases": [
            {"do": "explore"},
            {"do": "fuse", "hidden": [8], "batch_norm": True},
            {"do": "train", "epochs": 2, "batch": 16, "rate": 0.01},
            {"do": "unfreeze", "blocks": 1},
            {"do": "train", "batch": 16, "rates": [0.1, 1], "augment": "light"},
            {"do": "calibrate", "clip": 0.01},
            {"do": "evaluate", "views": ["flip"]},
        ],
    },
    "test",
)


def test_a_fused_network_trains_and_ends_as_every_run_does(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    for name in ("test_resnet", "test_efficientnet"):
        weights(tmp_path / "weights", name)
    photos = Photos.read(photo_folder(cat=30, dog=30))
    others = photo_folder("others", seed=5, cat=2, dog=1)
    phases = [*RECIPE.model_dump()["phases"], {"do": "predict", "photos": str(others)}]
    recipe = Recipe.parse(RECIPE.model_dump() | {"phases": phases}, "test")
    run = Classifier(recipe=recipe, weights_dir=tmp_path / "weights").fit(photos, tmp_path / "run")
    assert run.metrics["evaluated"] == {"photos": 12, "on": "one held-out fold of 5"}
    assert run.metrics["photos"] == {"train": 43, "validates": 5, "held out": 12}
    assert run.metrics["clip"] == 0.01
    assert run.metrics["test_time_augmentation"]["views"] == ["flip"]
    assert (run.path / "explore.html").is_file()
    answers = (run.path / "predictions.csv").read_text(encoding="utf-8").splitlines()
    assert [line.partition(",")[0] for line in answers] == ["path", *Photos.read(others).paths]
    assert "How it was trained" in run.report_path.read_text(encoding="utf-8")
    assert not (run.path / "cache").exists()
    oof = run.oof().to_pydict()
    shown = photos.subset([photos.paths.index(path) for path in oof["path"]])
    again = load(run.path).predict_proba(shown)
    np.testing.assert_allclose(again[:, 0], oof["p:cat"], atol=0.02)
    explainer = load(run.path).explainer()
    assert isinstance(explainer, Explainer)
    assert not explainer.unmapped


def test_a_recipe_that_trains_a_body_wants_weights_that_can_be_trained(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    phases = [{"do": "fuse"}, {"do": "unfreeze", "blocks": 1}, {"do": "train", "batch": 8}]
    recipe = Recipe.parse({"backbones": ["paw"], "phases": phases}, "test")
    with pytest.raises(RecipeError, match="'paw' is a finished graph and cannot be trained"):
        Classifier(recipe=recipe).fit(Photos.read(photo_folder(cat=10, dog=10)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_head_alone_trains_on_the_bundled_backbone(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    phases = [{"do": "fuse"}, {"do": "train", "epochs": 30, "batch": 16, "rate": 0.01}]
    recipe = Recipe.parse({"phases": phases}, "test")
    run = Classifier(recipe=recipe).fit(Photos.read(photo_folder(cat=30, dog=30)), tmp_path / "run")
    assert run.log_loss < np.log(2)
