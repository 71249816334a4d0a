"""A kind of flaw that an audit looks for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Kind"]


@dataclass(frozen=True)
class Kind:
    """One kind of flaw.

    Attributes
    ----------
    name : str
        In small letters, for the columns ``<name>_score`` and ``is_<name>``.
    title : str
        For people, in the plural.
    meaning : str
        A sentence for someone new to it.
    weight : float
        How much of its score counts in a photo's suspicion, 0 to 1: how much harm a photo of this
        kind does if nobody looks at it.
    """

    name: str
    title: str
    meaning: str
    weight: float
