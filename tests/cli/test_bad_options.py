"""Backbones, recipes and values that cannot be used, each told in one line."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from .conftest import Command


def test_unknown_backbone(pawlens: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = importlib.import_module("pawlens.backbones._registry")
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    pawlens("backbones", "desnet169").in_one_line("'desnet169'", "nearest: densenet169")


@pytest.mark.parametrize("backbone", ["gone.onnx", "words.onnx", "paw@300"])
def test_backbone_that_is_none(
    pawlens: Command, photos: Path, tmp_path: Path, backbone: str
) -> None:
    (tmp_path / "words.onnx").write_bytes(b"these are words")
    name = str(tmp_path / backbone) if backbone == "words.onnx" else backbone
    found = pawlens("train", photos, "--backbone", name, "--out", tmp_path / "run")
    found.in_one_line(*backbone.split("@"))


@pytest.mark.torch
def test_unknown_backbone_of_timm(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    found = pawlens("train", photos, "--backbone", "mobilnetv2_100", "--out", tmp_path / "run")
    found.in_one_line("'mobilnetv2_100'", "nearest: mobilenetv2_100")


@pytest.mark.torch
def test_weights_of_another_network(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    pytest.importorskip("timm")
    from safetensors.numpy import save_file

    weights = tmp_path / "weights"
    weights.mkdir()
    save_file(
        {"conv.weight": np.zeros((3, 3), np.float32)}, weights / "mobilenetv2_100.safetensors"
    )
    arguments = ("--backbone", "mobilenetv2_100", "--weights-dir", weights)
    found = pawlens("train", photos, *arguments, "--out", tmp_path / "run")
    found.in_one_line("mobilenetv2_100")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fold: 3\n", ["'fold'", "did you mean 'folds'"]),
        ("folds: many\n", ["folds = 'many'"]),
        ("folds: 1\n", ["folds = 1"]),
        ("- a\n- list\n", ["a recipe is a mapping"]),
        ("folds: [\n", ["not valid YAML"]),
        ("!!python/object/apply:os.system ['touch owned']\n", ["not valid YAML"]),
    ],
)
def test_wrong_recipe(
    pawlens: Command, photos: Path, tmp_path: Path, text: str, words: list[str]
) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(text)
    pawlens("train", photos, "--recipe", recipe).in_one_line("mine.yaml", *words)
    pawlens("train", photos, "--recipe", tmp_path / "no.yaml").in_one_line(
        "no.yaml", "cannot be read"
    )


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--folds", "1", ["folds = 1"]),
        ("--folds", "many", ["folds = 'many'"]),
        ("--precision", "f8", ["precision = 'f8'"]),
        ("--class-weights", "heavy", ["class_weights = 'heavy'"]),
        ("--clip", "0.7", ["clip = 0.7"]),
        ("--clip", "much", ["clip = 'much'"]),
        ("--seed", "-1", ["seed = -1"]),
        ("--device", "abacus", ["--device"]),
    ],
)
def test_wrong_value(
    pawlens: Command, photos: Path, tmp_path: Path, option: str, value: str, words: list[str]
) -> None:
    found = pawlens("train", photos, option, value, "--out", tmp_path / "run")
    found.in_one_line(*words)
    assert not (tmp_path / "run").exists()


def test_wrong_use(pawlens: Command, trained: Path, photos: Path) -> None:
    pawlens("train").in_one_line("Missing argument")
    pawlens("trian", photos).in_one_line("trian", "train")
    pawlens("train", photos, "--foldz", "3").in_one_line("--foldz", "--folds")
    found = pawlens()
    assert (found.code, found.err) == (0, "")
    assert "Usage:" in found.out


def test_debug_shows_where_anywhere_on_the_line(pawlens: Command, tmp_path: Path) -> None:
    for arguments in (("--debug", "train", tmp_path / "x"), ("train", tmp_path / "x", "--debug")):
        found = pawlens(*arguments)
        assert found.code == 2
        assert "Traceback" in found.err
        assert found.err.splitlines()[-1].startswith("pawlens: ")
