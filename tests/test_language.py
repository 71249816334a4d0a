"""Docstrings begin with a subject, and write shapes and dtypes in one way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import pawlens

SOURCE = Path(str(pawlens.__file__)).parent

FRAGMENT = re.compile(r"(?:Of|As in)\b")
OLD_DIALECT = re.compile(
    r"\b\w+ arrays?, shape|, shape \[|\b(?:float|int|uint|bool)\d* `*\[\w+[\],]"
)
UNDERLINE = re.compile(r"-{3,}")


def docstrings(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield every docstring of a file: ``LINE: NAME``, and its lines without indentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                name = getattr(node, "name", "module")
                yield f"{node.body[0].lineno}: {name}", text.splitlines()
    for before, node in pairwise(tree.body):  # a string under a constant describes it
        if isinstance(node, ast.Expr) and isinstance(before, ast.Assign | ast.AnnAssign):
            value = getattr(node.value, "value", None)
            if isinstance(value, str):
                yield f"{node.lineno}: constant", value.splitlines()


def first_lines(lines: list[str]) -> Iterator[str]:
    """Yield the first line, and the first line of every description in a NumPy section."""
    yield lines[0]
    in_section = False
    for before, line in pairwise(lines):
        in_section = in_section or bool(UNDERLINE.fullmatch(line))
        starts = line.startswith("    ") and not before.startswith("    ")
        if in_section and starts and not line.startswith("     "):
            yield line.strip()


def faults(path: Path) -> list[str]:
    """List what is wrong in the docstrings of a file."""
    wrong = []
    for place, lines in docstrings(path):
        wrong += [f"{place}: {line!r}" for line in first_lines(lines) if FRAGMENT.match(line)]
        wrong += [f"{place}: {line.strip()!r}" for line in lines if OLD_DIALECT.search(line)]
    return wrong


def test_every_docstring_has_a_subject_and_one_dialect() -> None:
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        wrong += [f"{name}:{fault}" for fault in faults(path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("docstring", "count"),
    [
        ("Of the runs.", 1),
        ("Names of the runs.", 0),
        (
            "Compare.\n\n    Parameters\n    ----------\n    seed : int\n        Of the bootstrap.",
            1,
        ),
        ("Compare.\n\n    Parameters\n    ----------\n    fold\n        As in `fit`.", 1),
        ("Compare.\n\n    Parameters\n    ----------\n    seed : int\n        Seed.", 0),
        ("Compare.\n\n    Parameters\n    ----------\n    y : int64 array, shape [n]", 1),
        ("Compare.\n\n    Parameters\n    ----------\n    y : ndarray of int64, shape (n,)", 0),
        ("Compare probabilities float64 [n, K].", 1),
        ("Compare probabilities float64 (n, K).", 0),
    ],
)
def test_a_fault_is_noticed(docstring: str, count: int, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(f'def example():\n    """{docstring}\n    """\n', encoding="utf-8")
    assert len(faults(file)) == count
    file.write_text(f'LIMIT = 1\n"""{docstring}"""\n', encoding="utf-8")
    assert len(faults(file)) in (count, 0)
