"""Hashes of weights, which tell features of one network from those of another."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ._regular import open_regular

__all__ = ["sha256_of"]


def sha256_of(*paths: Path) -> str:
    """Return the sha256 (hex) over the bytes of the files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        with open_regular(path) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
