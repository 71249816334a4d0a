"""Runs whose features are means over several views of each photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Classifier, Run, load
from pawlens.errors import RecipeError
from pawlens.recipes import Recipe


def trained(photos: Path, tmp_path: Path, views: list[str]) -> Run:
    recipe = Recipe.parse({"folds": 2, "views": views}, "test")
    classifier = Classifier(recipe=recipe, cache_dir=tmp_path / "cache")
    return classifier.fit(photos, tmp_path / "-".join(["run", *views]))


def test_what_ships_looks_at_the_views_too(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=8, dog=8)
    plain, both = trained(folder, tmp_path, []), trained(folder, tmp_path, ["flip"])
    assert both.recipe["views"] == ["flip"]
    photo = np.random.default_rng(0).integers(0, 256, (5, 5, 3), np.uint8)
    photo = photo.repeat(32, 0).repeat(32, 1)  # as large as the input: nothing is resampled
    files = [tmp_path / "photo.png", tmp_path / "mirrored.png"]
    for file, pixels in zip(files, (photo, photo[:, ::-1]), strict=True):
        Image.fromarray(np.ascontiguousarray(pixels)).save(file)
    gaps = []
    for run in (plain, both):
        first, second = load(run.model_path).predict_proba(files)
        gaps.append(abs(first[0] - second[0]))
    assert gaps[1] < 0.1 * gaps[0]


@pytest.mark.parametrize(("views", "method"), [(["flip"], "cam"), (["crops"], "occlusion")])
def test_models_with_views_are_explained(
    photo_folder: Callable[..., Path], tmp_path: Path, views: list[str], method: str
) -> None:
    run = trained(photo_folder(cat=6, dog=6), tmp_path, views)
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    one = load(run.model_path).explainer().explain(pixels)
    (part,) = one.parts
    assert part.method == method
    if method == "cam":  # exact, also with the mirror image
        assert part.grid is not None
        assert part.grid.mean() == pytest.approx(part.contribution, abs=1e-3)


def test_views_and_phases_do_not_go_together() -> None:
    with pytest.raises(RecipeError, match="an evaluate phase has views"):
        Recipe.parse({"views": ["flip"], "phases": [{"do": "fuse"}, {"do": "train"}]}, "test")
    with pytest.raises(RecipeError, match="views"):
        Recipe.parse({"views": ["sideways"]}, "test")
