"""The rooms of the house: what each offers, and what public names have to do with them."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pawlens

TESTS = Path(__file__).parent
PACKAGE = Path(str(pawlens.__file__)).parent
# Also those within rooms, as photos.lists.
ROOMS = sorted(
    ".".join(face.parent.relative_to(PACKAGE).parts)
    for face in PACKAGE.rglob("*/__init__.py")
    if face.parent.name not in ("cli", "workflows")
)


def test_there_are_rooms() -> None:
    assert {"audit", "photos", "photos.lists", "runs", "workflows.train"} < set(ROOMS)


def test_no_test_imports_from_another() -> None:
    """What several tests need lies in a module of its own, or in a ``conftest.py``."""
    files = [*TESTS.rglob("*.py")]
    assert len(files) > 100
    found = [(str(file.relative_to(TESTS)), name) for file in files for name in _imported(file)]
    assert [pair for pair in found if pair[1].startswith("test_")] == []


def _imported(file: Path) -> Iterator[str]:
    """The last parts of the modules that a file imports, or imports from."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom | ast.Import):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            for name in (module or "", *(alias.name for alias in node.names)):
                yield name.rpartition(".")[2]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_name_what_they_offer(room: str) -> None:
    module = importlib.import_module(f"pawlens.{room}")
    names = [n for n in vars(module) if not n.startswith("_") and not _is_module(module, n)]
    assert len(set(module.__all__)) == len(module.__all__)
    public = [name for name in module.__all__ if not name.startswith("_")]
    assert sorted(names) == sorted(public)


def _is_module(module: object, name: str) -> bool:
    return type(getattr(module, name)).__name__ == "module"


def test_the_jobs_are_there_by_their_names() -> None:
    jobs = importlib.import_module("pawlens.workflows")
    for name in jobs.__all__:
        assert getattr(jobs, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(jobs, "nothing")  # noqa: B009  the lookup is the test


@pytest.mark.parametrize("name", [name for name in pawlens.__all__ if name in ROOMS])
def test_a_room_does_not_take_the_name_of_a_function(name: str) -> None:
    """Whichever is asked for first; in a new process, where nothing is imported yet."""
    code = f"""
import importlib, pawlens
room = importlib.import_module("pawlens.{name}")
assert callable(pawlens.{name}), pawlens.{name}
assert room.__name__ == "pawlens.{name}" and room.__all__
from pawlens import {name}
assert {name} is pawlens.{name}
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
