from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Command

review_room = importlib.import_module("pawlens.review")


def test_photos_are_audited_first(
    pawlens: Command, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    served = []

    def serve(folder: Path, **options: object) -> int:
        served.append(folder)
        return 0

    monkeypatch.setattr(review_room, "serve_review", serve)
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


def test_the_token_is_on_no_command_line(
    pawlens: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser gets the name of a file that only its owner may read, and that goes."""
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    module = importlib.import_module("pawlens.cli._review")

    link = "http://127.0.0.1:1/?token=a-secret"
    opened: list[tuple[str, str, int]] = []

    def browse(address: str) -> bool:
        door = Path(address.removeprefix("file://"))
        opened.append((address, door.read_text(), door.stat().st_mode & 0o777))
        assert door.parent.stat().st_mode & 0o077 == 0
        return True

    def serve(folder: Path, *, port: int, ready: Callable[[str], None]) -> int:
        ready(link)
        deadline = time.monotonic() + 60
        while not opened and time.monotonic() < deadline:
            time.sleep(0.01)
        return 0

    monkeypatch.setattr(module, "_has_browser", lambda: True)
    monkeypatch.setattr(module.webbrowser, "open", browse)
    monkeypatch.setattr(review_room, "serve_review", serve)
    (tmp_path / "audit.json").write_text("{}")
    assert pawlens("review", tmp_path).code == 0
    ((address, page, mode),) = opened
    assert "a-secret" not in address
    assert f'content="0;url={link}"' in page
    assert mode == 0o600
    assert not Path(address.removeprefix("file://")).exists()
