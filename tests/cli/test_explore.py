"""``pawlens explore``: sentences for a person, figures for a machine, a page for both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command


def test_sentences_and_the_page(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "look.html"
    done = pawlens("explore", photos, "--out", out)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "12 photos in 2 classes, balanced 1 to 1."
    assert lines[-1] == f"page  {out}"
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_figures(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    done = pawlens("explore", photos, "--json", "--out", tmp_path / "look.html")
    facts = json.loads(done.out)
    assert facts["photos"] == 12
    assert facts["classes"]["cat"] == {"photos": 6, "splits": {"": 6}}
    assert facts["sizes"]["most_frequent"] == [{"width": 96, "height": 80, "photos": 12}]
    assert facts["words"][0] == "12 photos in 2 classes, balanced 1 to 1."
    assert facts["page"] == str(tmp_path / "look.html")


def test_the_page_lies_where_one_is(
    pawlens: Command, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert pawlens("explore", photos).code == 0
    assert (tmp_path / "explore.html").is_file()


def test_wrong_use(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    pawlens("explore", tmp_path / "nothing").in_one_line("nothing", "no such file or folder")
    pawlens("explore", photos, "--out", photos / "cat" / "0.jpg").in_one_line("0.jpg", ".html")
