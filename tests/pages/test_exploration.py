"""The page holds everything, asks for nothing, and stays small whatever is on it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos
from pawlens.errors import UsageError
from pawlens.pages import render_exploration
from pawlens.photos import explore
from pawlens.workflows import write_exploration

Folders = Callable[..., Path]

MOST_BYTES = 5_000_000
# A child's ru_maxrss starts at its parent's size; VmHWM is its own.
EXPLORE = """
import sys
from pathlib import Path
from pawlens import Photos
from pawlens.workflows import write_exploration
write_exploration(Photos.read(sys.argv[1], labels=False), Path(sys.argv[2]))
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6)
"""


def noise(path: Path, rng: np.random.Generator, width: int = 200, height: int = 200) -> None:
    """The picture that takes most bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, quality=90)


def pictures(page: str) -> int:
    return page.count('src="data:image/jpeg;base64,')


def test_it_asks_nothing_of_the_network(photo_folder: Folders, tmp_path: Path) -> None:
    out = tmp_path / "new" / "explore.html"
    found = write_exploration(Photos.read(photo_folder(cat=5, dog=5)), out)
    page = out.read_text("utf-8")
    assert found.counts.photos == 10
    assert pictures(page) == page.count('loading="lazy"') == 10
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert "<script" not in page
    assert render_exploration(found) == page


def test_the_largest_page(tmp_path: Path) -> None:
    """A hundred classes of noise, long Chinese names, odd sizes, many files without labels."""
    rng = np.random.default_rng(0)
    names = [f"{'很长的猫名字' * 12}{i}" for i in range(100)]
    for name in names:
        for i in range(2):
            noise(tmp_path / "photos" / "train" / name / f"{i}.jpg", rng)
    for i in range(2):
        noise(tmp_path / "photos" / "train" / names[i] / "large.jpg", rng, 900, 500)
    (tmp_path / "photos" / "test").mkdir()
    for i in range(30):
        noise(tmp_path / "photos" / "test" / f"{i}.jpg", rng)
    page = render_exploration(explore(Photos.read(tmp_path / "photos")))
    assert len(page.encode()) < MOST_BYTES
    assert 100 < pictures(page) <= 150
    assert "猫名字99" in page


def test_names_are_escaped(photo_folder: Folders) -> None:
    folder = photo_folder(cat=2, dog=2)
    (folder / "dog").rename(folder / "<b>&$dog")
    page = render_exploration(explore(Photos.read(folder)))
    assert "<b>&$dog" not in page
    assert "&lt;b&gt;&amp;$dog" in page


def test_odd_photos_are_shown_and_named(photo_folder: Folders) -> None:
    folder = photo_folder(cat=15, dog=15)
    Image.new("RGB", (800, 600)).save(folder / "cat" / "huge.jpg")
    page = render_exploration(explore(Photos.read(folder)))
    assert "1 photo is much larger than the others: cat/huge.jpg (800\u00a0x\u00a0600)." in page
    assert "Far from the others" in page
    assert 'id="sizes"' in page
    assert 'aria-label="Widths and heights of the photos"' in page


def test_equal_sizes_are_not_plotted(photo_folder: Folders) -> None:
    page = render_exploration(explore(Photos.read(photo_folder(cat=3, dog=3))))
    assert 'aria-label="Widths and heights of the photos"' not in page
    assert "All are 96\u00a0x\u00a080 pixels." in page


def test_many_sizes_are_drawn_as_density(tmp_path: Path) -> None:
    for i in range(900):
        Image.new("L", (20 + i // 30, 20 + i % 30)).save(tmp_path / f"{i}.png")
    page = render_exploration(explore(Photos.read(tmp_path, labels=False)))
    assert 'aria-label="Widths and heights of the photos"' in page
    assert len(page.encode()) < 1_000_000


@pytest.mark.parametrize("size", [(4000, 3000), (3, 2500)])
def test_sizes_far_apart(tmp_path: Path, size: tuple[int, int]) -> None:
    for i in range(30):
        Image.new("L", (60 + i, 50)).save(tmp_path / f"{i}.png")
    Image.new("L", size).save(tmp_path / "far.png")
    page = render_exploration(explore(Photos.read(tmp_path, labels=False)))
    assert "31</b> photos without labels." in page


def test_photos_of_which_none_can_be_read(tmp_path: Path) -> None:
    for i in range(60):
        (tmp_path / f"{i}.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    page = render_exploration(explore(Photos.read(tmp_path, labels=False)))
    assert "60 photos that cannot be read" in page
    assert "The first 50" in page
    assert pictures(page) == 0


def test_a_page_is_never_written_over_a_photo(photo_folder: Folders) -> None:
    folder = photo_folder(cat=2, dog=2)
    before = (folder / "cat" / "0.jpg").read_bytes()
    with pytest.raises(UsageError, match=r"end in \.html"):
        write_exploration(Photos.read(folder), folder / "cat" / "0.jpg")
    assert (folder / "cat" / "0.jpg").read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's peak")
def test_memory_does_not_grow_with_photos(tmp_path: Path) -> None:
    """Pixels of 540 more photos would take 194 MB."""
    peaks = []
    for count in (60, 600):
        folder = tmp_path / str(count)
        folder.mkdir()
        for i in range(count):
            Image.new("RGB", (400, 300), (i % 256, i // 256, 0)).save(folder / f"{i}.png")
        command = [sys.executable, "-c", EXPLORE, str(folder), str(tmp_path / "explore.html")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        peaks.append(float(done.stdout))
    assert peaks[1] - peaks[0] < 40
