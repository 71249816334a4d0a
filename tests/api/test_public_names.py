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

ROOMS = sorted(
    path.parent.relative_to(Path(str(pawlens.__file__)).parent).as_posix().replace("/", ".")
    for path in Path(str(pawlens.__file__)).parent.glob("*/**/__init__.py")
)
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
    seen = {"__version__"}
    for line in checked.body:
        assert isinstance(line, ast.ImportFrom)
        module = importlib.import_module(f"pawlens.{line.module}")
        for alias in line.names:
            assert getattr(pawlens, alias.name) is getattr(module, alias.name)
            seen.add(alias.name)
    assert seen == set(pawlens.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_name_what_they_offer(room: str) -> None:
    module = importlib.import_module(f"pawlens.{room}")
    names = [n for n in vars(module) if not n.startswith("_") and not _is_module(module, n)]
    assert len(set(module.__all__)) == len(module.__all__)
    assert sorted(names) == sorted(n for n in module.__all__ if not n.startswith("_"))


def _is_module(module: object, name: str) -> bool:
    return type(getattr(module, name)).__name__ == "module"


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
