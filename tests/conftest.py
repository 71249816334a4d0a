"""What all tests share: drawn photos, and a cache of their own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from pawlens.backbones import Backbone, find_backbone

# Examples are not timed: a machine that does other work too would fail tests by chance.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell starts what runs in the background deaf to Ctrl-C, and children would inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Share out the tests so that no worker waits for the other, before pytest-xdist reads marks.

    Tests that share a fixture of their module run on one worker: on two, each would make it anew.
    The slowest of the others come first: as the last one, it would run alone.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and _shares_a_fixture(item):
            module = item.nodeid.partition("::")[0]
            item.add_marker(pytest.mark.xdist_group(module))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    yield


def _shares_a_fixture(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    return any(fixture[-1].scope == "module" for fixture in fixtures)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def paw(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    """The bundled backbone; its graph is written once for all tests of a process."""
    return find_backbone("paw", cache_dir=tmp_path_factory.mktemp("paw"))


@pytest.fixture
def install_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lay out a package of one module as pip does: ``install_package(code, group, NAME="Class")``.

    It is called ``acme``, version 2.0, and can be laid out once in a test.
    """
    site = tmp_path / "site"

    def lay_out(code: str, group: str, **entries: str) -> None:
        info = site / "acme-2.0.dist-info"
        info.mkdir(parents=True)
        (site / "acme.py").write_text(code, encoding="utf-8")
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 2.0\n")
        lines = [f"{name} = acme:{value}" for name, value in entries.items()]
        (info / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(lines) + "\n")
        monkeypatch.delitem(sys.modules, "acme", raising=False)
        monkeypatch.syspath_prepend(site)

    return lay_out


def paint(rng: np.random.Generator, label: str, size: tuple[int, int] = (96, 80)) -> Image.Image:
    """A noisy picture whose class is its stripes: upright for cat, level for dog."""
    width, height = size
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    wave = np.sin((across if label == "cat" else down) / rng.uniform(3, 6) + rng.uniform(0, 6))
    grey = (
        128 + 60 * wave[:, :, None] * rng.uniform(0.6, 1, 3) + rng.normal(0, 20, (height, width, 3))
    )
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


@pytest.fixture
def photo_folder(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of class folders: ``photo_folder(cat=12, dog=12)``."""

    def make(name: str = "photos", seed: int = 0, **counts: int) -> Path:
        rng = np.random.default_rng(seed)
        folder = tmp_path / name
        for label, count in counts.items():
            (folder / label).mkdir(parents=True)
            for i in range(count):
                paint(rng, label).save(folder / label / f"{i}.jpg", quality=90)
        return folder

    return make
