"""Headers that stand again among the rows of a list, as in tables that were joined end to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import PhotosError
from ._columns import ListColumns
from ._known_names import is_label, name_key, path_rank

__all__ = ["without_headers"]

_LONGEST = 40  # characters of a column's name


def without_headers(
    rows: Sequence[Sequence[str]], columns: ListColumns, finds: Callable[[str], bool], where: str
) -> tuple[Sequence[Sequence[str]], int]:
    """Leave out rows that are the header again.

    Parameters
    ----------
    rows : sequence of sequence of str
        Without the first header.
    columns : ListColumns
    finds : callable
        Returns whether a text is the name of a photo that is there.
    where : str
        The list, for messages.

    Returns
    -------
    rows : sequence of sequence of str
    count : int
        How many were left out.

    Raises
    ------
    PhotosError
        A row is a header of other columns.
    """
    header = list(map(name_key, columns.names))
    kept = []
    for number, row in enumerate(rows, start=1):
        if not _may_be_header(row, columns, finds):
            kept.append(row)
        elif header and list(map(name_key, row)) != header:
            raise PhotosError(
                f"{where}: row {number} is a header of other columns than the first; join tables "
                "only where these are the same"
            )
    return (kept, len(rows) - len(kept)) if len(kept) < len(rows) else (rows, 0)


def _may_be_header(row: Sequence[str], columns: ListColumns, finds: Callable[[str], bool]) -> bool:
    """Return whether a row has the name of a column where the photo should be, and one more."""
    if len(row) <= columns.path:
        return False
    first = row[columns.path]
    if not first or "." in first or first.isdecimal() or len(first) > _LONGEST:
        return False
    others = [cell for i, cell in enumerate(row) if i != columns.path]
    if not _is_name(first, columns) or not (
        not others or any(_is_name(x, columns) for x in others)
    ):
        return False
    return not finds(first)


def _is_name(cell: str, columns: ListColumns) -> bool:
    return bool(cell) and (cell in columns.names or path_rank(cell) is not None or is_label(cell))
