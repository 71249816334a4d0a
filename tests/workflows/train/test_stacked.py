"""Runs with a head on each backbone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from pawlens import Classifier
from pawlens.backbones import Backbone
from pawlens.errors import RecipeError
from pawlens.recipes import Recipe, explain


def test_a_run_with_a_head_on_each_backbone(
    paw: Backbone, photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.onnx"
    model = onnx.load(str(paw.path))
    onnx.save(model, str(other))
    folder = photo_folder(cat=12, dog=12)
    recipe = Recipe(backbones=["paw", str(other)], folds=3, heads="stacked")
    run = Classifier(recipe=recipe, cache_dir=tmp_path / "cache").fit(folder, tmp_path / "run")
    assert run.recipe["heads"] == "stacked"
    assert run.log_loss < 0.5
    page = run.report_path.read_text(encoding="utf-8")
    assert "logistic regression on each backbone, L2 " in page
    stored = {one.name: one for one in onnx.load(str(run.model_path)).graph.initializer}
    assert list(stored["head/weights"].dims) == [1024, 2]
    first, second = np.split(onnx.numpy_helper.to_array(stored["head/weights"]), 2)
    np.testing.assert_allclose(first, second, rtol=0.05, atol=1e-3)  # the same backbone twice


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"labels": "several"}, "heads: stacked needs labels: one"),
        ({"clean": "auto"}, "clean: none"),
        ({"phases": [{"do": "fuse"}, {"do": "train"}]}, "see fuse"),
    ],
)
def test_what_does_not_go_with_it(values: dict[str, object], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Recipe.parse({"heads": "stacked"} | values, "test")


def test_it_is_told_in_words() -> None:
    told = dict(explain(Recipe(heads="stacked")))["head"]
    assert told.endswith("on each backbone, and a weight for the answers of each.")
