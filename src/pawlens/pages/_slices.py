"""Slices as rows of a table, for the report and the terminal."""

from __future__ import annotations

from ..trust import Slices
from . import _words as words

__all__ = ["slice_rows"]

_MOST = 40


def slice_rows(slices: Slices | None) -> list[dict[str, str]]:
    """Return the slices in words, the worst first; the worst combination, if it is worse, on top.

    Parameters
    ----------
    slices : Slices or None
    """
    if slices is None:
        return []
    combined = slices.worst
    first = [combined] if combined is not None and combined.verdict == "worse" else []
    return [
        {
            "trait": one.trait,
            "value": one.value,
            "photos": f"{one.photos:,}",
            "right": words.percent(one.accuracy.value),
            "right_ends": one.accuracy.ends(".1%"),
            "loss": words.loss(one.log_loss.value),
            "loss_ends": one.log_loss.ends(".4f"),
            "verdict": one.verdict,
            "tone": "bad" if one.verdict == "worse" else "soft",
        }
        for one in [*first, *slices.slices[:_MOST]]
    ]
