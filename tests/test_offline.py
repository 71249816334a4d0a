"""The wheel as users get it: installed by itself, it answers without network and without torch."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pawlens.samples import draw_samples

ROOT = Path(__file__).resolve().parents[1]

# Run by Python at its start: no address can be reached or even looked up, and no torch is there.
_ALONE = """
import socket, sys

def refuse(*_, **__):
    raise OSError("the network was asked for")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
sys.modules["torch"] = sys.modules["timm"] = None
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the wheel is built without network: hatchling first")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The folder that the wheel's files were installed to."""
    target = wheel.parent / "installed"
    options = ["--quiet", "--no-index", "--no-deps", "--no-compile", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    (target / "sitecustomize.py").write_text(_ALONE)
    return target


def run(installed: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the installed wheel in an empty home."""
    own = {"PYTHONPATH": str(installed), "HOME": str(home), "PAWLENS_CACHE": str(home / "cache")}
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        cwd=home,
        env=kept | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_wheel_holds_both_networks_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert {"pawlens/backbones/paw.onnx", "pawlens/heads/cats-vs-dogs.onnx"} <= names
        assert "pawlens/pages/templates/report.html.j2" in names
        assert not [name for name in names if name.startswith(("tests/", "research/"))]
    assert wheel.stat().st_size < 12 * 2**20


def test_the_network_is_really_shut(installed: Path, tmp_path: Path) -> None:
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
    assert "the network was asked for" in run(installed, tmp_path, "-c", code).stderr
    code = "import pawlens; print(pawlens.__file__)"
    assert str(installed) in run(installed, tmp_path, "-c", code).stdout


def test_a_drawn_photo_is_answered(installed: Path, tmp_path: Path) -> None:
    draw_samples(tmp_path / "drawn", count=4, flaws=False)
    photo = "drawn/train/cat.0.jpg"
    found = run(installed, tmp_path, "-m", "pawlens", "predict", photo)
    assert (found.returncode, found.stderr) == (0, "")
    path, label, value = found.stdout.split()
    assert path == photo
    assert label in {"cat", "dog", "neither", "both"}
    assert 0 <= float(value) <= 1
    found = run(installed, tmp_path, "-m", "pawlens", "predict", "drawn", "--out", "a.csv")
    assert found.returncode == 0
    assert all(line.startswith("photos: ") for line in found.stderr.splitlines())
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 6
