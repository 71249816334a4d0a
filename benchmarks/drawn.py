"""JPEG files as a camera leaves them in size and texture, drawn without any data set."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 500, 375  # the usual size in Kaggle's Dogs vs. Cats
_OCTAVES = (256, 128, 64, 32, 16, 8, 4, 2)


def textured_jpeg(seed: int, *, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Coloured noise whose strength falls with its frequency, as that of photos does."""
    rng = np.random.default_rng(seed)
    canvas = np.full((height, width, 3), 128.0)
    for cell in _OCTAVES:
        grid = rng.normal(0, 1, (height // cell + 2, width // cell + 2, 3))
        grid[..., 1:] = grid[..., :1] + 0.4 * grid[..., 1:]  # mostly light, a little colour
        tile = Image.fromarray(np.clip(128 + 40 * grid, 0, 255).astype(np.uint8))
        layer = np.asarray(tile.resize((width, height), Image.Resampling.BICUBIC), np.float64)
        canvas += (layer - 128) * (cell / _OCTAVES[0]) ** 0.55
    sink = io.BytesIO()
    Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8)).save(sink, "JPEG", quality=88)
    return sink.getvalue()


def textured_folder(folder: Path, count: int) -> list[Path]:
    """Write `count` such files as ``cat.N.jpg`` and ``dog.N.jpg`` in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{('cat', 'dog')[i % 2]}.{i // 2}.jpg" for i in range(count)]
    for seed, path in enumerate(paths):
        path.write_bytes(textured_jpeg(seed))
    return paths
