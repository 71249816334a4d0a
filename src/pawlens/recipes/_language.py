"""Turns of phrase that the words of recipes and phases share."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["clip_words", "joined", "joined_or", "part_in_words"]


def joined(names: Sequence[str]) -> str:
    """Join names with commas and "and": ``"a, b and c"``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def joined_or(names: Sequence[str]) -> str:
    """Join names with commas and "or": ``"a, b or c"``."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def part_in_words(parts: int) -> str:
    """Put a part of a whole into words, such as ``"a tenth"`` for one part of ten."""
    return "a tenth" if parts == 10 else f"one in {parts}"


def clip_words(clip: str | float) -> str:
    """Say how probabilities are clipped."""
    if isinstance(clip, str):
        return "choose how far probabilities are kept from 0 and 1"
    return f"keep probabilities within {clip:g} and {1 - clip:g}" if clip else "clip nothing"
