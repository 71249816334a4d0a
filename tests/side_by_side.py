"""Photos of cats, of dogs, of both side by side and of neither, and the list that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .conftest import paint

__all__ = ["collages"]


def collages(folder: Path, count: int = 12, seed: int = 0) -> Path:
    """Draw `count` photos of each of the four kinds, and write ``labels.csv`` beside them."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    rows = ["path,label"]
    for number in range(count):
        for kind in ("cat", "dog", "cat;dog", "none"):
            parts = [paint(rng, label, (64, 80)) for label in kind.split(";") if label != "none"]
            picture = Image.new("RGB", (64 * max(1, len(parts)), 80))
            noise = np.clip(rng.normal(128, 30, (80, picture.width, 3)), 0, 255)
            picture.paste(Image.fromarray(noise.astype(np.uint8)))
            for place, part in enumerate(parts):
                picture.paste(part, (64 * place, 0))
            name = f"{kind.replace(';', '-')}.{number}.jpg"
            picture.save(folder / name, quality=90)
            rows.append(f"{name},{kind}")
    path = folder / "labels.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
