"""The example plug-in, installed as a user installs it and used from outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "examples" / "plugin"


def draw_stripes(folder: Path, count: int) -> None:
    """Write noisy stripes, level or upright: what the edges of the example can tell apart."""
    rng = np.random.default_rng(0)
    for label in ("level", "upright"):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            wave = 60 * np.sin(np.arange(80) / rng.uniform(2, 4) + rng.uniform(0, 6))
            stripes = np.broadcast_to(wave[:, None] if label == "level" else wave, (80, 80))
            pixels = 128 + stripes[..., None] + rng.normal(0, 40, (80, 80, 3))
            photo = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
            photo.save(folder / label / f"{number}.jpg")


class Outside:
    """A folder from which commands are run with the package installed, each within a time limit."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.folder = folder
        paths = [str(site), *filter(None, sys.path)]
        self._environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def pawlens(self, *arguments: object) -> str:
        """Run a command of pawlens that must succeed."""
        done = self.run("-m", "pawlens", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    pytest.importorskip("hatchling", reason="the package is built without network: hatchling first")
    folder, site = tmp_path_factory.mktemp("outside"), tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]
    subprocess.run([*command, str(PLUGIN)], check=True, capture_output=True, timeout=300)
    draw_stripes(folder / "photos", 24)
    return Outside(folder, site)


@pytest.fixture(scope="module")
def trained(outside: Outside) -> Path:
    """A run with the backbone of the package."""
    arguments = ["--backbone", "example:edges", "--cache-dir", "cache", "--out", "run"]
    outside.pawlens("train", "photos", *arguments)
    return outside.folder / "run"


def test_the_list_and_the_card_show_the_backbone(outside: Outside) -> None:
    rows = outside.pawlens("backbones").splitlines()
    assert rows[-1].split() == ["example:edges", "pawlens-example-plugin", "0.1.0"]
    card = json.loads(outside.pawlens("backbones", "example:edges@32", "--no-speed", "--json"))
    assert (card["name"], card["input_size"], card["spec"]["feature_dim"]) == ("edges", 32, 24)
    assert card["macs"] == 32 * 32 * 24 * 27


def test_its_model_answers_without_the_package(outside: Outside, trained: Path) -> None:
    """The graph is inside the model: nothing of the package is asked for."""
    from pawlens import Photos, load

    metrics = json.loads((trained / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["out_of_fold"]["log_loss"]["value"] < 0.2
    photos = Photos.read(outside.folder / "photos")
    labels = [photos[row].labels[0] for row in range(len(photos))]
    assert load(trained).predict(photos) == labels
    outside.pawlens("explain", "run", "photos/level/0.jpg", "--out", "explained")
    assert list((outside.folder / "explained").glob("*.png"))


def test_its_exporter_writes_what_it_says(outside: Outside, trained: Path) -> None:
    listed = outside.pawlens("export", "--list").splitlines()
    names = [line.split()[0] for line in listed]
    assert (names[0], names[-1]) == ("onnx", "c-header")
    files = json.loads(outside.pawlens("export", "run", "--to", "c-header", "--json"))
    assert [Path(file).name for file in files] == ["classes.h", "model.onnx"]
    header = outside.folder / files[0]
    assert header.parent == trained / "exported" / "c-header"
    text = header.read_text(encoding="utf-8")
    assert '    "level",\n    "upright"\n' in text
    assert "#define PAWLENS_CLASS_COUNT 2\n" in text


def test_its_own_tests_pass(outside: Outside) -> None:
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", outside.folder]
    done = outside.run(*arguments, PLUGIN / "tests")
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


def test_an_unknown_name_names_the_package(outside: Outside) -> None:
    done = outside.run("-m", "pawlens", "train", "photos", "--backbone", "example:egdes")
    assert done.returncode == 2
    line = "unknown backbone 'example:egdes', backbones of fixed filters (pawlens-example-plugin"
    assert line in done.stderr
    told = [text for text in done.stderr.splitlines() if not text.startswith("photos: ")]
    assert len(told) == 1
