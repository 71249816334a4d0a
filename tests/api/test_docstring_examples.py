"""The examples in the docstrings of public names run as they stand."""

from __future__ import annotations

import contextlib
import doctest
import io
import shutil
from pathlib import Path

import pytest

import pawlens

NAMES = [name for name in pawlens.__all__ if name not in ("Classifier", "__version__")]
NEEDS = {
    "augment": "torch",
    "prove": "torch",
    "review": "fastapi",
    "serve": "prometheus_client",
    "track": "tensorboard",
    "tune": "optuna",
    "write_parts": "ray",
}
"""Packages without which the examples of a name do not run."""


def run_examples(name: str) -> tuple[int, str]:
    """Run the examples of a public name and of its methods: how many, and what failed."""
    finder, runner, report = doctest.DocTestFinder(), doctest.DocTestRunner(), io.StringIO()
    public = {name: getattr(pawlens, name)}
    for examples in finder.find(public[name], name, globs=public):
        runner.run(examples, out=report.write)
    return runner.tries, report.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with drawn photos and two runs, the first by the classifier's example."""
    place = tmp_path_factory.mktemp("examples")
    pawlens.draw_samples(place / "photos", count=24, flaws=False)
    with contextlib.chdir(place), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAWLENS_CACHE", str(place / "cache"))
        tries, failures = run_examples("Classifier")
        assert not failures, failures
        assert tries
        shutil.copytree("runs/first", "runs/second")
    return place


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    monkeypatch.setenv("PAWLENS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    tries, failures = run_examples(name)
    assert not failures, failures
    assert tries, f"pawlens.{name} has no example in its docstring"
