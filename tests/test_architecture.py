"""The page of architecture says what the code is: its picture, its rooms and the way it tells."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "pawlens"
SCRIPT = ROOT / "docs" / "architecture.py"
STEP = re.compile(r"^\d+\. `(?P<file>[\w/]+\.py)` `(?P<name>[\w.]+)`", re.MULTILINE)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def architecture() -> ModuleType:
    spec = importlib.util.spec_from_file_location("architecture", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_and_the_table_are_up_to_date() -> None:
    """If this fails, run ``python docs/architecture.py``."""
    command = [sys.executable, str(SCRIPT), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_picture_has_every_room_once_in_the_order_of_the_contract(
    architecture: ModuleType,
) -> None:
    rows = architecture.layers((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {name for row in rows for name in row} == rooms | {"errors", "plugins"}
    picture = ElementTree.fromstring(architecture.draw(rows))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert texts == [name for row in rows for name in row]
    assert len(list(picture.iter(f"{SVG}path"))) == len(rows) - 1


def test_nothing_in_the_picture_lies_outside_its_frame(architecture: ModuleType) -> None:
    rows = [["cli"], ["room"] * 7, ["base"] * 2]
    picture = ElementTree.fromstring(architecture.draw(rows))
    width, height = (float(picture.get(side, "")) for side in ("width", "height"))
    frames: list[tuple[float, ...]] = []
    boxes: list[tuple[float, ...]] = []
    for rect in picture.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(side, "")) for side in ("x", "y", "width", "height"))
        (frames if rect.get("class") == "row" else boxes).append((x, y, x + w, y + h))
        assert (x >= 0, y >= 0, x + w <= width, y + h <= height) == (True,) * 4
    assert len(boxes) == 10
    for x0, y0, x1, y1 in boxes:
        assert sum(a <= x0 and b <= y0 and x1 <= c and y1 <= d for a, b, c, d in frames) == 1
        assert sum(x0 < c and a < x1 and y0 < d and b < y1 for a, b, c, d in boxes) == 1


def test_a_contract_is_needed(architecture: ModuleType) -> None:
    with pytest.raises(ValueError, match="no contract of type layers"):
        architecture.layers("[tool.ruff]\nline-length = 100\n")


def test_the_table_says_what_a_room_is_for(architecture: ModuleType, tmp_path: Path) -> None:
    inner = tmp_path / "kitchen" / "oven"
    inner.mkdir(parents=True)
    (tmp_path / "kitchen" / "__init__.py").write_text('"""Cooks ``soup``.\n\nMore."""\n')
    (tmp_path / "kitchen" / "_pot.py").touch()
    (inner / "__init__.py").write_text('"""Heats."""\n')
    (inner / "_fire.py").touch()
    (tmp_path / "cellar.py").write_text('"""Wine."""\n')
    table = architecture.table([["kitchen"], ["cellar"]], tmp_path)
    assert table.splitlines()[2:] == [
        "| `kitchen` | Cooks `soup`.<br>`_pot`<br>**oven**: Heats. `_fire` |",
        "| `cellar` | Wine. |",
    ]


def test_the_way_from_photos_to_a_model_is_that_of_the_code() -> None:
    """Every step exists, and is called in the file of a step before it."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    steps = [(step["file"], step["name"]) for step in STEP.finditer(page)]
    assert len(steps) == 10
    before = ""
    for file, name in steps:
        source = (PACKAGE / file).read_text(encoding="utf-8")
        assert name in set(_functions(ast.parse(source))), f"{file} has no {name}"
        called = name.rpartition(".")[2]
        assert not before or re.search(rf"\b{called}\(", before), f"nothing before calls {name}"
        before += source


def test_what_is_asked_for_is_where_the_page_says() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    answers = re.findall(r"^\|[^|]+\| `([\w/]+\.py)` `(\w+)` \|$", page, re.MULTILINE)
    assert len(answers) >= 10
    for file, name in answers:
        source = (PACKAGE / file).read_text(encoding="utf-8")
        assert name in set(_functions(ast.parse(source))), f"{file} has no {name}"


def test_the_files_that_the_page_names_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+\w+(?:\.py)?)`", page.partition("<!-- rooms -->")[0])
    named += re.findall(r"`((?:\w+/)+\w+(?:\.py)?)`", page.partition("## To find your way")[2])
    named = [name for name in named if "NAME" not in name and name != "src/pawlens"]
    assert len(named) > 15
    assert [name for name in named if not (PACKAGE / name).exists()] == []


def _functions(tree: ast.Module) -> Iterator[str]:
    """Functions of a module, and methods after the name of their class."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    yield f"{node.name}.{part.name}"
