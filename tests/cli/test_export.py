"""``pawlens export``."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Command


def test_a_run_is_written_for_a_target(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    found = pawlens("export", trained, "--to", "onnx", "--out", out)
    assert found.code == 0
    lines = found.out.splitlines()
    assert [Path(line.split("  ")[0]) for line in lines] == [
        out / name for name in ("model.onnx", "labels.txt", "signature.json")
    ]
    assert lines[0].endswith(f"  {(trained / 'model.onnx').stat().st_size:,} bytes")
    files = json.loads(pawlens("export", trained, "--out", tmp_path / "json", "--json").out)
    assert files[1] == str(tmp_path / "json" / "labels.txt")
    assert Path(files[1]).read_text(encoding="utf-8") == "cat\ndog\n"


def test_the_targets_are_listed(pawlens: Command) -> None:
    assert pawlens("export", "--list").out.startswith("onnx             ONNX, with")
    assert json.loads(pawlens("export", "--list", "--json").out)["onnx"].startswith("ONNX")


def test_wrong_use_is_told_in_one_line(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    pawlens("export").in_one_line("name a finished run")
    pawlens("export", tmp_path / "none").in_one_line("none: no such model")
    pawlens("export", trained, "--to", "tflite").in_one_line("tflite", "there are: onnx")
    (tmp_path / "mine.txt").write_text("mine")
    pawlens("export", trained, "--out", tmp_path).in_one_line("holds other files", "--out")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
