"""One row of the table of photos."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Photo", "natural_key"]


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo: where it is and what is known about it.

    Attributes
    ----------
    path : str
        Relative to the folder, archive or list that it was read from; the key of its row.
    labels : tuple of str
        None, one, or several classes.
    split : str or None
        ``"train"``, ``"valid"``, ``"test"``, or None where the source does not say.
    """

    path: str
    labels: tuple[str, ...] = ()
    split: str | None = None

    @property
    def label(self) -> str | None:
        """The class, where there is exactly one."""
        return self.labels[0] if len(self.labels) == 1 else None


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sort key under which ``photo2`` comes before ``photo10`` and ``class 9`` before ``class 10``."""
    runs = re.findall(r"\d+|\D+", text.casefold())
    return [(0, int(r), "") if r.isdecimal() else (1, 0, r) for r in runs]
