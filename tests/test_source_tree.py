"""pawlens without metadata of its own: a source tree, a vendored copy, a frozen application."""

from __future__ import annotations

import importlib.metadata
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import pawlens
from pawlens import Classifier, Photos, load

LONGEST = 350  # lines of a file


def test_it_trains_and_says_its_version(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importlib.metadata.distribution

    def not_installed(name: str) -> importlib.metadata.Distribution:
        if name == "pawlens":
            raise importlib.metadata.PackageNotFoundError(name)
        return asked(name)

    monkeypatch.setattr(importlib.metadata, "distribution", not_installed)
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("pawlens")
    photos = Photos.read(photo_folder(cat=10, dog=10))
    run = Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / "run")
    facts = json.loads((run.path / "environment.json").read_text(encoding="utf-8"))
    assert facts["pawlens"] == pawlens.__version__
    assert load(run.path).facts.version == pawlens.__version__


def test_no_file_is_longer_than_its_one_concept_needs() -> None:
    root = Path(__file__).parents[1]
    folders = ("src", "tests", "tools", "benchmarks", "docs", "examples")
    files = [file for folder in folders for file in (root / folder).rglob("*.py")]
    lines = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert len(lines) > 900
    assert {str(file): count for file, count in lines.items() if count > LONGEST} == {}


def test_the_version_is_written_once() -> None:
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    source = root / project["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{pawlens.__version__}"' in source.read_text(encoding="utf-8")
