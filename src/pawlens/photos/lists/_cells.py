"""Cells of delimited text, and quotes in it that swallow rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from ..decoding import PHOTO_ENDING
from ._known_names import bare, path_rank

__all__ = ["DELIMITERS", "cells_of", "find_delimiter", "names_columns"]

DELIMITERS = (",", ";", "\t", "|")
_END = "\0"  # a row that no table holds: where a quote is open, it is within a cell
_SHOWN = 40


def cells_of(text: str, delimiter: str, *, before: int = 0) -> Iterator[list[str]]:
    """Yield the rows of a table, without the spaces around cells.

    Parameters
    ----------
    text : str
        The table, without NUL characters.
    delimiter : str
    before : int
        Lines of the file before this text, for messages.

    Raises
    ------
    csv.Error
        A quote is never closed, or closes where other rows are within it, or a cell is endless;
        the message names the line.
    """
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(f"{text}\n{_END}", newline=""):
            taken.append(line)
            yield line

    number, width = before + 1, 0
    sheet = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            row = next(sheet)
        except csv.Error as error:
            here = f"from line {number}, {taken[0][:_SHOWN].strip()!r}"
            raise csv.Error(f"{error} {here}; is a quote not closed?") from error
        if row == [_END]:
            return
        if row and _END in row[-1]:
            raise csv.Error(_told(number, taken[0], "opens a quote that is never closed"))
        width = width or len(row)
        if len(taken) > 1 and _swallows(row, "".join(taken), delimiter, width):
            what = f"opens a quote that closes only in line {number + len(taken) - 1}"
            raise csv.Error(_told(number, taken[0], f"{what}, with other rows in it"))
        number += len(taken)
        taken.clear()
        yield list(map(bare, row))


def find_delimiter(head: str) -> str:
    """Find the delimiter that makes rows of equal length.

    Of several it is the one by which a column has nothing but photos or the first row names one,
    then the one whose first column has no other delimiter in it, then the one that makes the most
    columns; a comma is first.

    Parameters
    ----------
    head : str
        The first lines of a table.
    """
    best = max(DELIMITERS, key=lambda delimiter: _fit(head, delimiter))
    if any(_fit(head, best)):
        return best
    # No delimiter makes all rows equal: the first row tells it, and the odd row is named later.
    return max(DELIMITERS, key=head.partition("\n")[0].count)


def names_columns(cells: Sequence[str]) -> bool:
    """Return whether cells are a header, one of which is known to name the photos."""
    return len(cells) > 1 and any(path_rank(cell) is not None for cell in cells)


def _fit(head: str, delimiter: str) -> tuple[bool, bool, int]:
    """Return how well a delimiter fits; nothing of it is true where it does not."""
    sheet = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        rows = [[cell.strip() for cell in row] for row in sheet]
    except csv.Error:
        return False, False, 0
    rows = [row for row in rows if any(row)]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False, False, 0
    photos = any(all(map(PHOTO_ENDING.search, column)) for column in zip(*rows, strict=True))
    others = [other for other in DELIMITERS if other != delimiter]
    pure = not any(other in row[0] for row in rows for other in others)
    return photos or names_columns(rows[0]), pure, len(rows[0])


def _told(number: int, line: str, what: str) -> str:
    return f'line {number}, {line.strip()[:_SHOWN]!r}, {what}; close it, or write \'""\' for one "'


def _swallows(row: Sequence[str], raw: str, delimiter: str, width: int) -> bool:
    """Return whether a row of several lines is several rows, between two quotes that stand alone.

    Its quotes close before a delimiter, unless it is another cell's quote that closes them; and
    what is quoted is text, not lines of as many cells as the table has.
    """
    spaced = re.sub(rf"\" +(?={re.escape(delimiter)}|\r?\n|$)", '"', raw)
    try:
        list(csv.reader(io.StringIO(spaced, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return any(
        _is_of_rows(cell.split("\n"), (place, len(row) - place - 1), delimiter, width)
        for place, cell in enumerate(row)
        if "\n" in cell
    )


def _is_of_rows(lines: Sequence[str], around: tuple[int, int], delimiter: str, width: int) -> bool:
    """Return whether lines of a cell are rows, with the cells before the first and after the last.

    Parameters
    ----------
    lines : sequence of str
    around : tuple of int
        How many cells are before and after this one.
    delimiter : str
    width : int
        How many cells a row has.
    """
    counts = [line.count(delimiter) + 1 for line in lines]
    counts[0] += around[0]
    counts[-1] += around[1]
    return width > 1 and counts == [width] * len(lines)
