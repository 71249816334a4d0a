"""One tiny run for all tests of the command line, and the command line itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from pawlens.cli import main


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def in_one_line(self, *words: str) -> None:
        """Assert that it was refused: exit code 2, and one line that has all the words."""
        lines = self.err.splitlines()
        assert (self.code, len(lines)) == (2, 1), self
        assert self.out == "", self
        for word in words:
            assert word in lines[0], (word, lines[0])


Command = Callable[..., Outcome]


def striped(label: str, seed: int, size: tuple[int, int] = (96, 80)) -> Image.Image:
    """A noisy picture whose class is its stripes: upright for cat, level for dog."""
    rng = np.random.default_rng([seed, label == "cat"])
    width, height = size
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    wave = np.sin((across if label == "cat" else down) / rng.uniform(3, 6) + rng.uniform(0, 6))
    grey = 128 + 60 * wave[:, :, None] * rng.uniform(0.6, 1, 3)
    grey += rng.normal(0, 20, (height, width, 3))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def fill(
    folder: Path, count: int, *, start: int = 0, classes: tuple[str, ...] = ("cat", "dog")
) -> Path:
    """Class folders with so many photos each."""
    for label in classes:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for i in range(start, start + count):
            striped(label, i).save(folder / label / f"{i}.jpg", quality=90)
    return folder


@pytest.fixture
def pawlens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line in this process: ``pawlens("predict", run, photo)``."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["pawlens", *map(str, arguments)])
        capsys.readouterr()
        code = main()
        return Outcome(code, *capsys.readouterr())

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
