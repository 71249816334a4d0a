"""Photos whose class shows in their stripes, each drawn from its number alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["fill", "striped"]


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
