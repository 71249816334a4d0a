"""Groups by a column of a list: several of one photo, and spellings of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.photos import Photos

ROWS = ["0,cat,rex", "1,cat,rex", "2,dog,tom", "3,dog,tom", "4,cat,ben", "5,dog,ada"]


def groups(folder: Path, rows: list[str], column: str = "group") -> tuple[list[str | None], str]:
    for number in range(12):
        (folder / f"{number}.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "x.csv").write_text("\n".join([f"id,label,{column}", *rows]), encoding="utf-8")
    photos = Photos.read(folder / "x.csv", group=None if column == "group" else column)
    note = next(note for note in photos.notes if "groups by the column" in note)
    return [photo.group for photo in photos], note


@pytest.mark.parametrize("column", ["group", "animal"])
@pytest.mark.parametrize("again", [["0,cat,tom"], ["0,cat,ben", "2,dog,ben"], ["0,cat,rex;tom"]])
def test_groups_of_one_photo_are_one(tmp_path: Path, column: str, again: list[str]) -> None:
    names, note = groups(tmp_path, [*ROWS, *again], column)
    assert names[0] == names[1] == names[2] == names[3]
    assert names[5] == "ada"
    assert "joined)" in note


def test_groups_that_no_photo_joins_stay_apart(tmp_path: Path) -> None:
    names, note = groups(tmp_path, [*ROWS, "0,cat,rex", "0,cat,"])
    assert names == ["rex", "rex", "tom", "tom", "ben", "ada"]
    assert "joined" not in note


@pytest.mark.parametrize(
    ("one", "other"), [("rex", "Rex"), ("7", "7.0"), ("rex 1", "REX  1"), ("rex", "rex\u200b")]
)
def test_spellings_of_one_group_are_one(tmp_path: Path, one: str, other: str) -> None:
    rows = [f"0,cat,{one}", f"1,cat,{other}", *ROWS[2:]]
    names, note = groups(tmp_path, rows)
    assert names[0] == names[1] != names[2]
    assert ("joined" in note) == (not other.endswith("\u200b"))


def test_a_photo_of_a_known_and_an_unknown_group(tmp_path: Path) -> None:
    names, _ = groups(tmp_path, [*ROWS, "4,cat,unknown"])
    assert names[4] == "ben"
