"""A competition's sample submission: the ids that it wants and the form that it gives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..errors import PhotosError, SubmissionError
from ..photos import path_rank, read_cells

__all__ = ["Sample", "read_sample"]

_USAGES = {"public", "private", "ignored"}
_UNNAMED = re.compile(r"(?i)|index|unnamed: ?0|level_0")


class Sample(NamedTuple):
    """What a competition's sample submission says of the form.

    Attributes
    ----------
    ids : list of str
        The ids in their order, as text: ``00001`` is not ``1``.
    names : list of str
        The header.
    id_column : int
        Which column has the ids.
    values : frozenset of str
        What stands in the other column, where there is only one.
    delimiter : str
    copied : mapping of int to sequence of str
        The cells of columns that say nothing of a photo: the index of a table, and Kaggle's usage.
    """

    ids: list[str]
    names: list[str]
    id_column: int = 0
    values: frozenset[str] = frozenset()
    delimiter: str = ","
    copied: Mapping[int, Sequence[str]] = MappingProxyType({})

    @property
    def to_fill(self) -> list[int]:
        """The columns that answers stand in."""
        known = (self.id_column, *self.copied)
        return [i for i in range(len(self.names)) if i not in known]


def read_sample(path: Path) -> Sample:
    """Read a competition's sample submission.

    The ids stand in the first column, unless only a later one has a name that ids have. A column
    called so that holds one value twice, or probabilities, is a class and has no ids.

    Raises
    ------
    SubmissionError
        The file cannot be read, has no row or only one column, or has an id twice or none.
    """
    try:
        rows, delimiter = read_cells(path)
    except PhotosError as error:
        raise SubmissionError(str(error)) from error
    if len(rows) < 2:
        raise SubmissionError(f"{path}: no rows; it needs a header and a row for each id")
    names = rows[0]
    odd = next((i for i, row in enumerate(rows) if len(row) != len(names)), None)
    if odd is not None:
        raise SubmissionError(
            f"{path}: row {odd} has {len(rows[odd])} fields and the header {len(names)}"
        )
    cells = list(zip(*rows[1:], strict=True))
    column = _id_column(names, cells)
    ids = list(cells[column])
    if "" in ids:
        raise SubmissionError(f"{path}: row {ids.index('') + 1} has no id")
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        raise SubmissionError(
            f"{path}: id {twice[0]!r} is there {ids.count(twice[0])} times in column "
            f"{names[column]!r}; leave one row for each photo"
        )
    copied = {
        i: cells[i] for i in range(len(names)) if i != column and _says_nothing(names, cells, i)
    }
    sample = Sample(ids, names, column, frozenset(), delimiter, copied)
    if len(sample.to_fill) != 1:
        return sample
    return sample._replace(values=frozenset(cells[sample.to_fill[0]]))


def _id_column(names: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """Return the column of ids: one with a name of ids, or the first that can be ids."""
    known = [i for i, name in enumerate(names) if path_rank(name) is not None]
    first = 1 if len(names) > 2 and _is_index(names[0], cells[0]) and _are_words(cells[1]) else 0
    wanted = [*known, first]
    return next((i for i in wanted if _can_be_ids(cells[i])), wanted[0])


def _can_be_ids(cells: Sequence[str]) -> bool:
    distinct = len(set(cells)) == len(cells) and "" not in cells
    return distinct and not all(re.fullmatch(r"[01]?\.\d+", cell) for cell in cells)


def _are_words(cells: Sequence[str]) -> bool:
    """Return whether cells are ids by their look: all distinct, and no numbers."""
    return _can_be_ids(cells) and not any(re.fullmatch(r"[-+.,\deE]+", cell) for cell in cells)


def _says_nothing(names: Sequence[str], cells: Sequence[Sequence[str]], column: int) -> bool:
    """Return whether a column is the index of a table, or tells who sees a row's score."""
    name, held = names[column], cells[column]
    if name.casefold() == "usage":
        return {cell.casefold() for cell in held} <= _USAGES
    return _is_index(name, held)


def _is_index(name: str, cells: Sequence[str]) -> bool:
    """Return whether a column only counts the rows, as pandas writes it."""
    if not _UNNAMED.fullmatch(name):
        return False
    return any(all(cell == str(i) for i, cell in enumerate(cells, start)) for start in (0, 1))
