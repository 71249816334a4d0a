from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .conftest import Command


def test_photos_are_audited_first(
    pawlens: Command, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    served = []

    def serve(folder: Path, **options: object) -> int:
        served.append(folder)
        return 0

    monkeypatch.setattr("pawlens.review.serve_review", serve)
    monkeypatch.chdir(tmp_path)
    found = pawlens("review", photos, "--no-open")
    assert found.code == 0, found.err
    assert served == [Path("audits/photos")]
    assert (tmp_path / "audits" / "photos" / "audit.parquet").is_file()
    assert found.out == f"decided 0 photos: {Path('audits/photos/decisions.jsonl')}\n"


def test_no_such_photos(pawlens: Command, tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    pawlens("review", tmp_path / "gone").in_one_line("gone: no such file")


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
