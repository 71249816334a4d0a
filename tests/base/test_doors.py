"""Doors: what installed packages offer stands beside the built-in parts, and never replaces one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens.base import Door
from pawlens.errors import PluginError

Install = Callable[..., None]


def accept(name: str, part: object) -> int:
    if not isinstance(part, int):
        raise TypeError(f"{name} is a {type(part).__name__}, not a whole number")
    return part


def door() -> Door[int]:
    return Door("pawlens.numbers", "number", {"one": 1}, accept=accept)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package of one module, as pip lays it out."""
    monkeypatch.syspath_prepend(tmp_path)

    def lay_out(package: str, code: str, **entries: str) -> None:
        (tmp_path / f"{package}.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{package}-2.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.0\n")
        lines = [f"{name} = {package}:{value}" for name, value in entries.items()]
        (info / "entry_points.txt").write_text("[pawlens.numbers]\n" + "\n".join(lines) + "\n")
        monkeypatch.delitem(sys.modules, package, raising=False)

    return lay_out


def test_parts_of_packages_stand_after_the_built_in_ones(install: Install) -> None:
    install("other_numbers", "TWO = 2\nTHREE = 3\n", two="TWO", three="THREE")
    assert door().names() == ["one", "three", "two"]
    assert list(door()) == [1, 3, 2]
    assert door().package_of("two") == "other_numbers 2.0"
    assert door().package_of("one") == "pawlens"


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        door().get("seven")


def test_a_package_is_imported_only_when_its_part_is_needed(install: Install) -> None:
    install("late_numbers", "TWO = 2\n", two="TWO")
    numbers = door()
    assert numbers.names() == ["one", "two"]
    assert numbers.get("one") == 1
    assert "late_numbers" not in sys.modules
    assert numbers.get("two") == 2
    assert "late_numbers" in sys.modules


def test_no_package_takes_a_built_in_name(install: Install) -> None:
    install("rude_numbers", "ONE = 11\n", one="ONE")
    with pytest.raises(PluginError, match=r"rude_numbers 2\.0 offers the number 'one'.*pawlens"):
        door().names()


def test_two_packages_cannot_share_a_name(install: Install) -> None:
    install("left_numbers", "TWO = 2\n", two="TWO")
    install("right_numbers", "TWO = 22\n", two="TWO")
    with pytest.raises(PluginError, match=r"right_numbers 2\.0 .* left_numbers 2\.0 has"):
        door().names()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("TWO = 'two'\n", "TypeError: two is a str, not a whole number"),
        ("raise OSError('no\\nnetwork')\n", "OSError: no network"),
        ("THREE = 3\n", "AttributeError"),
    ],
)
def test_a_part_that_cannot_be_used_is_told_in_one_line(
    install: Install, code: str, reason: str
) -> None:
    install("broken_numbers", code, two="TWO")
    with pytest.raises(PluginError, match=reason) as caught:
        door().get("two")
    assert "broken_numbers 2.0" in str(caught.value)
    assert "\n" not in str(caught.value)
