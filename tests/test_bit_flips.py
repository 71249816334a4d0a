"""A flipped bit in a kept file never becomes a wrong number."""

from __future__ import annotations

from pathlib import Path

from .bit_flips import flip_bits, kept_files
from .kill_points import EVERY_LINE


def test_a_flipped_bit_is_told_or_mended(tmp_path: Path) -> None:
    kept = kept_files(tmp_path)
    outcomes, wrong = flip_bits(kept, 2000 if EVERY_LINE else 5 * len(kept))
    assert wrong == []
    assert outcomes["refused"] > len(kept)
