"""The columns of a list: those that a person named, and those that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...base import first_few

__all__ = ["NO_LABEL", "ColumnNames", "ListColumns"]

NO_LABEL = "none"
"""As the name of the label column: the list has no labels."""


class ColumnNames(NamedTuple):
    """The columns that a person named; what is None is found by its name."""

    path: str | None = None
    label: str | None = None


class ListColumns(NamedTuple):
    """Numbers of the columns of a list.

    Attributes
    ----------
    path : int
    label : int or None
    one_hot : mapping of int to str
        Columns that hold 1 where a photo has the label that the column is named after.
    split : int or None
    further : mapping of int to str
        The other columns, by their names.
    names : sequence of str
        The header; empty where there is none.
    doubts : sequence of str
        What a person should know of columns that might mean something else, a sentence each.
    """

    path: int
    label: int | None = None
    one_hot: Mapping[int, str] = {}
    split: int | None = None
    further: Mapping[int, str] = {}
    names: Sequence[str] = ()
    doubts: Sequence[str] = ()

    def name(self, column: int) -> str:
        """Return the name of a column; empty where there is no header."""
        return self.names[column] if self.names else ""

    def in_words(self) -> str:
        """Say which columns were read as what."""
        parts = [f"photos from {self._called(self.path)}"]
        if self.label is not None:
            parts.append(f"labels from {self._called(self.label)}")
        if self.one_hot:
            named = first_few(list(self.one_hot.values()), 6)
            parts.append(f"labels from 0 and 1 in columns {named}")
        if self.split is not None:
            parts.append(f"splits from {self._called(self.split)}")
        return ", ".join(parts)

    def _called(self, column: int) -> str:
        name = self.name(column)
        return f"column {name!r}" if name else f"column {column + 1}"
