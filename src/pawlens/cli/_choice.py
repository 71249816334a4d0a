"""How the choice of backbones is told on the terminal."""

from __future__ import annotations

from typing import Any

__all__ = ["print_choice"]


def print_choice(choice: Any) -> None:
    """Print what was tried for the backbones, a line each, and what was taken."""
    if choice is None:
        return
    rows = [choice["header"], *choice["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    print(f"chosen: {choice['in_words']}")
