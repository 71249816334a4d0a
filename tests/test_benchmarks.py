"""Benchmarks are not run by the tests; what they import of pawlens must still be there."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

BENCHMARKS = sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("file", BENCHMARKS, ids=lambda file: file.stem)
def test_what_a_benchmark_imports_is_there(file: Path) -> None:
    missing = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pawlens"):
            try:
                module = importlib.import_module(str(node.module))
            except ImportError as error:
                if (error.name or "").startswith("pawlens"):
                    missing.append(str(node.module))
                continue  # an extra that is not installed
            for alias in node.names:
                if not hasattr(module, alias.name) and not _is_module(node.module, alias.name):
                    missing.append(f"{node.module}.{alias.name}")
    assert missing == []


def _is_module(package: str | None, name: str) -> bool:
    try:
        importlib.import_module(f"{package}.{name}")
    except ImportError as error:
        return error.name != f"{package}.{name}"
    return True
