"""Columns of lists, named on the line, in every command that reads photos."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main
from tests.cli.conftest import Command

from pawlens.cli import app

LISTS = ("train", "evaluate", "audit", "explore", "experiments", "prove", "tune", "review")
PHOTOS = ("predict", "explain", "augment")


def options(command: str) -> set[str]:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name for one in commands[command].params for name in one.opts}


@pytest.mark.parametrize("command", [*LISTS, *PHOTOS])
def test_every_command_that_reads_photos_has_the_options(command: str) -> None:
    assert "--path-column" in options(command)
    assert ("--label-column" in options(command)) == (command in LISTS)


def test_columns_are_named_on_the_line(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    files = sorted(p.relative_to(photos).as_posix() for p in photos.glob("*/*.jpg"))
    rows = [f"{name},{name.partition('/')[0]}" for name in files]
    path = photos.parent / "list.csv"
    page = tmp_path / "explore.html"
    path.write_text("\n".join(["bild,rasse", *rows]))
    refused = pawlens("explore", path, "--out", page)
    refused.in_one_line("'bild', 'rasse'", "known are path", "--path-column", "--label-column")
    named = ("--path-column", "bild", "--label-column")
    pawlens("explore", path, *named, "breed").in_one_line("breed: there is no such column")
    found = pawlens("explore", path, *named, "rasse", "--out", page)
    assert found.code == 0, found.err
    assert any("labels from column 'rasse'" in line for line in found.read)
    assert page.exists()
