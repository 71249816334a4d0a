"""Ways to alter an encoded photo so that it harms whoever decodes it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZES = (0, 1, 7, 640, 9400, 20_000, 65_535, 2**31 - 1)


def mutant(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut, overwrite, splice or resize an encoded photo, one to three times."""
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, len(data) + 1))
        how = int(rng.integers(6))
        some = rng.bytes(int(rng.integers(1, 40)))
        if how == 0:
            data = data[:at]
        elif how == 1:
            data = data[:at] + some + data[at + len(some) :]
        elif how == 2:
            data = data[:at] + some + data[at:]
        elif how == 3:
            data = data[:at] + data[at + len(some) :]
        elif how == 4:
            data = data[:at] + data[int(rng.integers(0, len(data) + 1)) :]
        else:
            data = _of_size(data, rng)
    return data


def _of_size(data: bytes, rng: np.random.Generator) -> bytes:
    """Write another width or height wherever the true one may stand."""
    size = SIZES[int(rng.integers(len(SIZES)))]
    for true in (320, 240):
        for form in (">H", "<H", ">I", "<I"):
            if size < 2 ** (16 if form[1] == "H" else 32) and rng.random() < 0.7:
                data = data.replace(struct.pack(form, true), struct.pack(form, size), 2)
    return data


def photo(_: Path, rng: np.random.Generator) -> Callable[[], str]:
    from PIL import Image

    from pawlens import decode

    cells = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    image = cells.resize((320, 240), Image.Resampling.BILINEAR)
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}),
        ("BMP", "RGB", {}),
        ("TIFF", "RGB", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "L", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", "1", {"compression": "group4"}),
        ("AVIF", "RGB", {"speed": 10}),
    ]
    kind, mode, options = kinds[int(rng.integers(len(kinds)))]
    sink = io.BytesIO()
    image.convert(mode).save(sink, kind, **options)
    data = mutant(sink.getvalue(), rng)
    side = (None, 64)[int(rng.integers(2))]

    def read() -> str:
        pixels = decode(data, min_side=side)
        fine = pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
        return "" if fine and pixels.size <= 75_000_000 else f"pixels {pixels.shape}"

    return read
