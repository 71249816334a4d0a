"""A kind of flaw that an audit looks for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Kind"]


@dataclass(frozen=True)
class Kind:
    """A kind of flaw, and how pages and tables present it.

    Attributes
    ----------
    name : str
        Name in small letters, for the columns ``<name>_score`` and ``is_<name>``.
    title : str
        Heading on pages, in the plural.
    meaning : str
        A sentence for a reader who is new to it.
    weight : float
        Share of its score that counts in a photo's suspicion, 0 to 1: the more harm a photo of
        this kind does if nobody looks at it, the higher.
    """

    name: str
    title: str
    meaning: str
    weight: float
