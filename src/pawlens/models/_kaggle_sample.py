"""A competition's sample submission: the ids that it wants and the form that it gives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from ..errors import PhotosError, SubmissionError
from ..photos import path_rank, read_cells

__all__ = ["Sample", "read_sample"]


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
    """

    ids: list[str]
    names: list[str]
    id_column: int = 0
    values: frozenset[str] = frozenset()
    delimiter: str = ","


def read_sample(path: Path) -> Sample:
    """Read a competition's sample submission.

    The ids stand in the first column, unless only a later one has a name that ids have.

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
    known = [i for i, name in enumerate(names) if path_rank(name) is not None]
    column = known[0] if known else 0
    odd = next((i for i, row in enumerate(rows) if len(row) != len(names)), None)
    if odd is not None:
        raise SubmissionError(
            f"{path}: row {odd} has {len(rows[odd])} fields and the header {len(names)}"
        )
    ids = [row[column] for row in rows[1:]]
    if "" in ids:
        raise SubmissionError(f"{path}: row {ids.index('') + 1} has no id")
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        raise SubmissionError(f"{path}: id {twice[0]!r} is there {ids.count(twice[0])} times")
    others = [i for i in range(len(names)) if i != column]
    values = frozenset(row[others[0]] for row in rows[1:]) if len(others) == 1 else frozenset()
    return Sample(ids, names, column, values, delimiter)
