"""One row of the table of photos."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["NONE", "Photo", "is_none", "natural_key"]

NONE = "none"
"""In place of a label: the photo is known to show none of them. An empty label means unknown."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo: its path, its labels, its split and its group.

    Attributes
    ----------
    path : str
        Path relative to the folder, archive or list that it was read from; the key of its row.
    labels : tuple of str
        Classes of the photo: none, one, or several.
    split : str or None
        ``"train"``, ``"valid"``, ``"test"``, or None where the source does not say.
    fold : str or None
        Name of the user's own fold of a cross-validation, where the photo is in one.
    group : str or None
        The subject, camera, burst or video that the photo is of; photos of one group are never on
        both sides of a split. None where it is a group of its own.

    Examples
    --------
    >>> from pawlens import Photo
    >>> Photo("cat/1.jpg", ("cat",)).label
    'cat'
    """

    path: str
    labels: tuple[str, ...] = ()
    split: str | None = None
    fold: str | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        """Bring labels into one Unicode form (NFC): two spellings of a name are one class."""
        if not all(map(str.isascii, self.labels)):
            plain = tuple(dict.fromkeys(unicodedata.normalize("NFC", x) for x in self.labels))
            object.__setattr__(self, "labels", plain)

    @property
    def label(self) -> str | None:
        """The label of the photo; None unless there is exactly one."""
        return self.labels[0] if len(self.labels) == 1 else None


def natural_key(text: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key under which ``photo2`` comes before ``photo10``; no two texts share a key."""
    runs = re.findall(r"[0-9]+|[^0-9]+", text.casefold())
    return [_run_key(run) for run in runs], text


def _run_key(run: str) -> tuple[int, int, str]:
    """Sort key of a number by its size, without parsing it: it may have thousands of digits."""
    digits = run.lstrip("0")
    return (0, len(digits), digits) if run[0] in "0123456789" else (1, 0, run)


def is_none(label: str) -> bool:
    """Return whether a label is the word for none, in upper or lower case."""
    return label.casefold() == NONE
