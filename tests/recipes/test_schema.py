"""Recipes: every wrong key or value is one line that says how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import RecipeError
from pawlens.recipes import Recipe, read_recipe


def test_what_is_written_is_read(tmp_path: Path) -> None:
    recipe = Recipe(backbones=["paw", "模型.onnx"], folds=3, clip=0.005, l2=[0.1, 0.01])
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe.to_yaml(), encoding="utf-8")
    assert read_recipe(path) == recipe


def test_an_empty_recipe_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("", encoding="utf-8")
    assert read_recipe(path) == Recipe()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("backbone: [paw]", "unknown key 'backbone'; did you mean 'backbones'?"),
        ("zzz: 1", "unknown key 'zzz'; known: about, backbones"),
        ("folds: 1", "folds = 1"),
        ("folds: many", "folds = 'many'"),
        ("backbones: []", "backbones = "),
        ("precision: f64", "precision = 'f64'"),
        ("clip: 0.7", "clip = 0.7"),
        ("- a\n- b", "a mapping"),
        ("a: [1\n", "not valid YAML (expected ',' or ']', but got '<stream end>', line 2)"),
        ("folds: 3\nseed: 1\nfolds: 4", "'folds' is given twice"),
        ("about: 2000-99-99", "not valid YAML"),
        ("1: 2", "1 = 2: keys should be strings"),
        ("l2: [1, .inf]", "l2.1 = inf: input should be a finite number"),
        ("precision: int8\nphases: [{do: fuse}]", "precision: int8 does not go with phases"),
        ("clean: auto\nphases: [{do: fuse}]", "clean: auto does not go with phases"),
        ("class_weights: balanced\nphases: [{do: fuse}]", "class_weights: balanced does not go"),
        ("l2: [1]\nphases: [{do: fuse}]", "l2 does not go with phases"),
        ("clip: 0\nphases: [{do: fuse}, {do: calibrate}]", "clip does not go with a calibrate"),
        ("!!python/object/apply:os.system ['true']", "not valid YAML"),
    ],
)
def test_wrong_recipes(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(tmp_path / "none.yaml")
