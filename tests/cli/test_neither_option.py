"""``pawlens train --neither``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from tests.cli.conftest import Command


def test_a_run_says_what_it_learnt_and_what_is_missing_is_one_line(
    pawlens: Command, photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder, out, examples = photo_folder(cat=24, dog=24), tmp_path / "run", tmp_path / "examples"
    asked = ["train", folder, "--out", out, "--false-alarms", "0.1", "--folds", "3"]
    asked += ["--cache-dir", tmp_path / "cache", "--neither", examples]
    pawlens(*asked).in_one_line(str(examples))
    assert not out.exists()
    examples.mkdir()
    rng = np.random.default_rng(0)
    for i in range(12):
        noise = rng.integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(noise).save(examples / f"{i}.png")
    (examples / "torn.jpg").write_bytes(b"torn")
    told = pawlens(*asked)
    assert told.code == 0, told
    assert "neither learnt from 12 examples and finds" in told.out
    assert "examples of neither set aside: 1\n  torn.jpg: " in told.out
