from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pawlens.recipes import Recipe, named_recipes, override, read_recipe

from .conftest import Command


def test_the_list(pawlens: Command) -> None:
    found = pawlens("recipes")
    assert (found.code, found.err) == (0, "")
    assert [line.split()[0] for line in found.out.splitlines()] == list(named_recipes())
    rows = json.loads(pawlens("recipes", "--json").out)
    assert rows[0] == {"name": "default", "about": read_recipe("default").about}


@pytest.mark.parametrize("name", named_recipes())
def test_one_in_words(pawlens: Command, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = pawlens("recipes", name)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(f"{name}: {read_recipe(name).about}\n")
    running = [line for line in found.out.splitlines()[1:] if not line.startswith(" ")]
    assert max(map(len, running)) <= 80


def test_published_figures_and_phases_are_shown(pawlens: Command) -> None:
    out = pawlens("recipes", "b-features").out
    assert "  ResNet50           0.9892  0.03230  0.05291   (this recipe)\n" in out
    assert "not measured here" in out
    assert "3 train" in out


def test_resolved(pawlens: Command, tmp_path: Path) -> None:
    settings = ("--set", "phases.3.epochs=2", "--set", "folds=3")
    found = pawlens("recipes", "b-features", *settings, "--backbone", "paw", "--yaml")
    expected = override(read_recipe("b-features"), [*settings[1::2], "backbones=[paw]"])
    (tmp_path / "mine.yaml").write_text(found.out, encoding="utf-8")
    assert read_recipe(tmp_path / "mine.yaml") == expected
    values = json.loads(pawlens("recipes", tmp_path / "mine.yaml", "--json").out)
    assert Recipe.parse(values, "json") == expected


def test_wrong_use_is_one_line(pawlens: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("phases: [{do: fuse}, {do: train, epohcs: 3}]")
    pawlens("recipes", "b-fsued").in_one_line("unknown recipe 'b-fsued'", "b-fused")
    pawlens("recipes", "--yaml").in_one_line("pawlens recipes NAME")
    pawlens("recipes", "best", "--set", "fodls=3").in_one_line("'fodls'", "'folds'")
    pawlens("recipes", tmp_path / "mine.yaml").in_one_line(
        f"{tmp_path / 'mine.yaml'}: unknown key 'phases.1.epohcs'; did you mean 'epochs'?"
    )
    pawlens("recipes", tmp_path / "gone.yaml").in_one_line("gone.yaml: cannot be read")


def test_train_refuses_before_it_reads_photos(pawlens: Command, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    pawlens("train", gone, "--recipe", "qiuck").in_one_line("unknown recipe 'qiuck'", "quick")
    pawlens("train", gone, "--set", "folds=1").in_one_line("--set: folds = 1")
    pawlens("train", gone, "--recipe", "b-split", "--set", "phases.4.epohcs=1").in_one_line(
        "unknown key 'phases.4.epohcs'; did you mean 'epochs'?"
    )
    pawlens("train", gone, "--recipe", "b-split", "--precision", "int8").in_one_line(
        "precision: int8 does not go with phases"
    )


def test_a_run_by_name_with_settings(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    found = pawlens(
        *("train", photos, "--recipe", "quick", "--set", "folds=2", "--set", "clip=0.01"),
        *("--seed", 3, "--out", tmp_path / "run"),
    )
    assert found.code == 0, found
    recipe = yaml.safe_load((tmp_path / "run" / "recipe.yaml").read_text(encoding="utf-8"))
    assert (recipe["folds"], recipe["clip"], recipe["seed"]) == (2, 0.01, 3)


def test_recipes_need_no_torch() -> None:
    code = (
        "import sys; sys.argv = ['pawlens', 'recipes', 'c-fusionnet']\n"
        "from pawlens.cli import main; main()\n"
        "print([m for m in ('torch', 'timm', 'sklearn', 'openvino') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "[]"
