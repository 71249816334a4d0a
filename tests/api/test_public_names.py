"""Names that users may rely on, and what importing them costs."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pawlens

HEAVY = (
    "numpy",
    "onnx",
    "onnxruntime",
    "openvino",
    "optuna",
    "pandas",
    "sklearn",
    "scipy",
    "torch",
    "timm",
)


def test_all_is_sorted_and_equals_the_public_names() -> None:
    assert list(pawlens.__all__) == sorted(pawlens.__all__)
    assert dir(pawlens) == pawlens.__all__
    for name in pawlens.__all__:
        assert getattr(pawlens, name) is not None


def test_what_type_checkers_see_is_what_is_imported() -> None:
    """A public name stands three times; all three have to agree."""
    tree = ast.parse(Path(str(pawlens.__file__)).read_text(encoding="utf-8"))
    (checked,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {"__version__", "errors"}
    for line in checked.body:
        assert isinstance(line, ast.ImportFrom)
        module = importlib.import_module(f"pawlens.{line.module}")
        for alias in line.names:
            assert getattr(pawlens, alias.name) is getattr(module, alias.name)
            seen.add(alias.name)
    assert seen == set(pawlens.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(pawlens, "nothing")  # noqa: B009  the lookup is the test


def test_importing_pawlens_imports_nothing_heavy() -> None:
    code = f"import sys, pawlens; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


def test_the_page_on_python_names_every_argument_of_a_classifier() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    (passage,) = re.findall(
        r"`Classifier` takes what `pawlens train` takes.*?\n\n", page, re.DOTALL
    )
    arguments = set(inspect.signature(pawlens.Classifier).parameters)
    assert {name for name in arguments if f"`{name}`" not in passage} == set()


def test_these_tests_import_public_names_only() -> None:
    """Whatever a test needs of pawlens, its users must be able to have as well."""
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
                assert not [n for n in names if n.startswith("pawlens.")], (file, names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pawlens"):
                assert node.module in ("pawlens", "pawlens.errors"), (file, node.module)
                offered = importlib.import_module(node.module).__all__
                assert {alias.name for alias in node.names} <= set(offered), file


def _commands() -> set[str]:
    import typer.main

    from_the_line = importlib.import_module("pawlens.cli").app
    return set(typer.main.get_group(from_the_line).commands)


def test_the_page_on_python_has_every_name_and_every_command() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    table = page.partition("| name |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1:3] for row in table.splitlines()[2:]]
    names = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert names == set(pawlens.__all__) - {"__version__"}
    commands = {name for row in rows for name in re.findall(r"`pawlens (\w+)", row[1])}
    assert commands == _commands()
