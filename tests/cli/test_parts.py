"""``--shard`` and ``pawlens merge``."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from .conftest import Command

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_parts_are_joined(
    pawlens: Command, photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder, out = photo_folder(cat=3, dog=2), tmp_path / "parts"
    (folder / "dog" / "0.jpg").write_bytes(b"no photo")
    for part in ("1/2", "2/2"):
        found = pawlens("audit", folder, "--shard", part, "--out", out, "--json")
        assert found.code == 0, found.err
    assert json.loads(found.out)["unreadable"] == 1
    said = json.loads(pawlens("merge", out, "--json").out)
    assert (said["rows"], said["parts"], said["unreadable"]) == (5, 2, 1)
    assert pq.read_table(said["file"])["path"].to_pylist()[3] == "dog/0.jpg"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["predict", "PHOTOS", "--shard", "1/2"], "--shard and --on want --out FOLDER"),
        (
            ["predict", "PHOTOS", "--shard", "1/2", "--out", "p", "--views", "flip"],
            "one plain look",
        ),
        (["audit", "PHOTOS", "--shard", "1/2"], "--shard and --on want --out FOLDER"),
        (["audit", "PHOTOS", "--shard", "1/2", "--out", "p", "--auto"], "without --auto"),
        (["embed", "PHOTOS", "--shard", "3/2", "--out", "p"], "write it as 3/64"),
        (["embed", "PHOTOS", "--on", "dask", "--out", "p"], "write it as ray"),
        (["audit", "PHOTOS", "--on", "ray"], "--shard and --on want --out FOLDER"),
        (["merge", "nowhere"], "no parts in it"),
    ],
)
def test_wrong_use_is_told_in_a_line(
    pawlens: Command, photo_folder: Callable[..., Path], arguments: list[str], line: str
) -> None:
    folder = str(photo_folder(cat=1, dog=1))
    pawlens(*[folder if one == "PHOTOS" else one for one in arguments]).in_one_line(line)


def test_the_example_for_xargs_runs(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder, log = photo_folder(cat=1, dog=1), tmp_path / "log.txt"
    program = tmp_path / "pawlens"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    script = ["sh", str(DEPLOY / "xargs-parts.sh"), str(folder), "parts"]
    subprocess.run(script, check=True, env=os.environ | {"PATH": path}, timeout=60)
    lines = log.read_text().splitlines()
    assert sorted(lines[:-1]) == [f"embed {folder} --shard {i}/8 --out parts" for i in range(1, 9)]
    assert lines[-1] == "merge parts"
