"""``pawlens embed``: a row for each photo, and one line for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from .conftest import Command


def test_every_photo_has_a_row(
    pawlens: Command, photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder, out = photo_folder(cat=2, dog=1), tmp_path / "features.parquet"
    (folder / "dog" / "0.jpg").write_bytes(b"no photo")
    found = pawlens("embed", folder, "--out", out, "--json")
    said = json.loads(found.out)
    assert (said["photos"], said["width"], said["files"]) == (3, 512, [str(out)])
    assert found.code == 2
    assert "dog/0.jpg: unreadable: not a photo" in found.err
    assert pq.read_table(out)["path"].to_pylist() == ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg"]


def test_a_wrong_ending_is_told_before_any_photo_is_read(pawlens: Command, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    pawlens("embed", nowhere, "--out", "features.txt").in_one_line("its ending says the format")
