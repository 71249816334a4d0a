"""The example of the documentation, installed as pip lays a package out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens.recipes import PHASES

PAGE = Path(__file__).parents[3] / "docs" / "plugins" / "phases.md"


def block(language: str, name: str) -> str:
    """The code on the page that begins with a file's name."""
    pattern = rf"```{language}\n# {re.escape(name)}\n(.*?)```"
    (code,) = re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Installs a package of one module that offers one phase."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(PHASES, "_loaded", {})

    def lay_out(code: str, entry: str) -> None:
        module = entry.partition(" = ")[2].partition(":")[0]
        info = site / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[pawlens.phases]\n{entry}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return lay_out


@pytest.fixture
def note(install: Callable[[str, str], None]) -> None:
    """The package of the page."""
    (entry,) = re.findall(r"^note = \"(.*)\"$", block("toml", "pyproject.toml"), re.MULTILINE)
    install(block("python", "pawlens_note.py"), f"note = {entry}")
