"""The papers of a run: what others are shown of its model and of its photos."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..base import in_use, update_sum, write_atomic
from ._files import CROISSANT, MODEL_CARD

__all__ = ["Papers", "rewrite_papers"]


class Papers(NamedTuple):
    """What a run shows to others, each file as its text.

    Attributes
    ----------
    model_card : str
        Markdown with a header of metadata.
    croissant : str
        JSON-LD.
    """

    model_card: str
    croissant: str

    def by_name(self) -> dict[str, str]:
        """Return the texts by the names of their files."""
        return {MODEL_CARD: self.model_card, CROISSANT: self.croissant}


def rewrite_papers(path: Path, papers: Papers) -> list[Path]:
    """Put new papers into the folder of a finished run, and their checksums beside them.

    Raises
    ------
    FolderInUse
        Another process writes into the folder.
    RunError
        The folder cannot be written.
    """
    written = []
    with in_use(path):
        for name, text in papers.by_name().items():
            update_sum(path / name, text.encode())
            write_atomic(path / name, text.encode())
            written.append(path / name)
    return written
