"""One tiny run for all tests of the command line, and the command line itself."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pawlens.cli import _progress, main

from ..striped import fill

LEFT_BY_A_RUN = {
    "SHA256SUMS",
    "classes.json",
    "decisions.jsonl",
    "environment.json",
    "history.jsonl",
    "metrics.json",
    "model.onnx",
    "oof.parquet",
    "dataset.croissant.json",
    "model-card.md",
    "parity.json",
    "reference.parquet",
    "photos.parquet",
    "recipe.yaml",
    "report.html",
}


class Outcome(NamedTuple):
    """What a command left behind; what it said of the photos that it read stands by itself."""

    code: int
    out: str
    err: str
    read: list[str]

    def in_one_line(self, *words: str) -> None:
        """Assert that it was refused: exit code 2, and one line that has all the words."""
        lines = self.err.splitlines()
        assert (self.code, len(lines)) == (2, 1), self
        assert self.out == "", self
        for word in words:
            assert word in lines[0], (word, lines[0])


Command = Callable[..., Outcome]
READ = "photos: "


@pytest.fixture
def pawlens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line in this process: ``pawlens("predict", run, photo)``.

    It tells no progress: on a busy machine what is quick would have a line of it.
    """
    monkeypatch.setattr(_progress, "_FIRST", math.inf)

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["pawlens", *map(str, arguments)])
        capsys.readouterr()
        code = main()
        out, err = capsys.readouterr()
        lines = err.splitlines(keepends=True)
        read = [line.removeprefix(READ).rstrip() for line in lines if line.startswith(READ)]
        return Outcome(code, out, "".join(x for x in lines if not x.startswith(READ)), read)

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of striped cats and dogs; not to be written to."""
    from pawlens import Classifier, Photos

    folder = tmp_path_factory.mktemp("trained")
    photos = Photos.read(fill(folder / "photos", 12))
    Classifier(folds=2, cache_dir=folder / "cache").fit(photos, folder / "run")
    return folder / "run"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Class folders with six photos each."""
    return fill(tmp_path / "photos", 6)
