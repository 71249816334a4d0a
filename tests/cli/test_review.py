from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .conftest import Command


def test_a_folder_of_photos_is_no_audit(pawlens: Command, tmp_path: Path) -> None:
    pawlens("review", tmp_path / "gone").in_one_line("gone")


def test_a_damaged_audit(pawlens: Command, tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    (tmp_path / "audit.json").write_text("{}")
    pawlens("review", tmp_path, "--no-open").in_one_line("audit.json", "run pawlens audit again")


def test_without_the_extra(
    pawlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    (tmp_path / "audit.json").write_text("{}")
    pawlens("review", tmp_path).in_one_line("fastapi", "pip install 'pawlens[serve]'")
