"""``pawlens backbones``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pawlens.workflows import _speed

from .conftest import Command


def test_the_list_says_what_is_at_hand(pawlens: Command, tmp_path: Path) -> None:
    (tmp_path / "resnet34.a1_in1k.safetensors").touch()
    (tmp_path / "resnet18.a1_in1k.safetensors").touch()
    lines = pawlens("backbones", "--weights-dir", tmp_path).out.splitlines()
    here = [line.split()[0] for line in lines if " here" in line]
    assert here == ["paw", "resnet34", "resnet18.a1_in1k"]
    rows = json.loads(pawlens("backbones", "--weights-dir", tmp_path, "--json").out)
    assert [row["name"] for row in rows if row["at_hand"]] == here
    assert rows[0]["parameters"] == 1_617_088
    assert rows[0]["macs"] == 117_760_000
    assert "photos_per_second" not in rows[0]


def test_the_list_is_by_purpose_and_marks_licences(
    pawlens: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = pawlens("backbones").out.splitlines()
    heads = [line.partition(",")[0].rstrip(":") for line in lines if not line.startswith(" ")]
    assert heads[:4] == ["tiny", "fast", "balanced", "best features for their cost"]
    assert heads[4] == "known for the published systems"
    nc = next(line for line in lines if "convnextv2_tiny" in line)
    assert nc.endswith("download CC-BY-NC-4.0 (non-commercial)")
    own = next(line for line in lines if "dinov3" in line)
    assert own.endswith("dinov3-license (terms of its own)")
    monkeypatch.setattr(_speed, "_SECONDS", 0.02)
    measured = pawlens("backbones", "--measure").out
    assert measured.count("photos/s") == 1  # paw alone is at hand


def test_the_card_of_paw(pawlens: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_speed, "_SECONDS", 0.02)
    found = pawlens("backbones", "paw")
    assert found.code == 0
    for words in ("paw at 160 px", "0.118 G a photo, 0.236 GFLOPs", "paw.onnx", "from drawn JPEG"):
        assert words in found.out
    card = json.loads(pawlens("backbones", "paw", "--json").out)
    assert card["flops"] == 2 * card["macs"] == 2 * sum(one["macs"] for one in card["layers"])
    assert card["parameters"] == sum(one["parameters"] for one in card["stages"])
    for rate in (card["speed"]["engine"], card["speed"]["from_jpeg"]):
        assert 0 < rate["slowest"] <= rate["median"] <= rate["fastest"]
    layers = pawlens("backbones", "paw", "--layers", "--no-speed").out
    assert "photos/s" not in layers
    assert layers.count("Conv ") == len(card["layers"])


@pytest.mark.torch
def test_the_card_of_a_network_without_weights(pawlens: Command) -> None:
    pytest.importorskip("torch")
    card = json.loads(pawlens("backbones", "resnet50", "--size", 200, "--json").out)
    assert (card["input_size"], card["weights"], card["speed"]) == (200, None, None)
    assert card["with_classifier"]["parameters"] == 25_557_032
    assert round(card["with_classifier"]["macs"] / 1e9, 3) == 3.499
    assert card["spec"]["feature_dim"] == 2048
    assert "none here" in pawlens("backbones", "resnet18").out


def test_wrong_use_is_told_in_one_line(pawlens: Command, tmp_path: Path) -> None:
    pawlens("backbones", "--size", 100).in_one_line("--size", "need a name")
    pawlens("backbones", "paw@160", "--size", 100).in_one_line("two sizes")
    pawlens("backbones", "paw", "--size", 100).in_one_line("paw takes 160 pixels only")
    pawlens("backbones", tmp_path / "no.onnx").in_one_line("no.onnx")
    pawlens("backbones", "--weights-dir", tmp_path / "no").in_one_line("not a folder")
