"""``pawlens augment``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command

pytest.importorskip("torch")
pytestmark = pytest.mark.torch


def test_a_page_and_its_values(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    page = tmp_path / "new" / "sheet.html"
    options = ("--photos", 2, "--epochs", 2, "--out", page)
    found = pawlens("augment", photos, *options)
    assert (found.code, found.out, found.err) == (0, f"page  {page}\n", "")
    assert page.read_text().count("<img") == 6
    assert "medium" in page.read_text()
    changed = pawlens("augment", photos, *options, "--set", "rotate=20", "--json")
    values = json.loads(changed.out)
    assert (values["rotate"], values["flip"]) == (20, 0)
    both = pawlens("augment", photos, *options, "--preset", "flip", "--set", "erase=0.5", "--json")
    values = json.loads(both.out)
    assert (values["erase"], values["flip"]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--preset", "wild"), ("--preset", "wild", "strong")),
        (("--set", "turn=3"), ("--set turn=3", "rotate")),
        (("--set", "rotate=300"), ("--set rotate=300", "less than or equal to 180")),
        (("--set", "rotate=x"), ("--set rotate=x", "number")),
    ],
)
def test_wrong_values(
    pawlens: Command, photos: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    pawlens("augment", photos, *options).in_one_line(*words)
