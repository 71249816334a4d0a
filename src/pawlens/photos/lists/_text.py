"""Text lists as rows of cells: CSV and its kin with any common delimiter, and plain lists."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ...errors import PhotosError, UnreadablePhoto
from ..stores import FolderStore
from ._cells import DELIMITERS, cells_of, find_delimiter, names_columns
from ._lines import A_PHOTO, read_lines

__all__ = ["TEXT_SUFFIXES", "decode_text", "read_cells", "text_rows"]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".lst")
_LOOKED_AT = 100  # lines that tell the delimiter
_RULE = re.compile(r"(:?-{2,}:?)?")
_EXCELS_DELIMITER = re.compile(r"(?i)\"?sep=([,;\t|])\"?[,;\t|]*\n")


def text_rows(data: bytes, where: Path) -> list[list[str]]:
    """Read a text list as rows of cells, without the spaces around them; empty rows are left out.

    Parameters
    ----------
    data : bytes
        Delimited by commas, semicolons, tabs or bars, whichever makes rows of equal length. A
        ``.txt`` is a plain list of files, where commas belong to the names, unless it has tabs or
        a known header, or every line is a file and what follows it.
    where : Path
        The list, whose ending tells its kind.

    Raises
    ------
    PhotosError
        The text is no UTF-8, or has an unclosed quote or an endless cell.
    """
    whole = decode_text(data, where)
    if "\0" in whole:
        raise PhotosError(f"{where}: not a readable table (it has NUL characters)")
    text = _without_comments(whole)
    suffix = where.suffix.lower()
    given = _EXCELS_DELIMITER.match(text)
    text = text[given.end() :] if given else text
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    first = lines[0] if lines else ""
    delimiter = "\t" if suffix != ".csv" else find_delimiter("\n".join(lines[:_LOOKED_AT]))
    delimiter = given[1] if given else delimiter
    if suffix == ".txt" and "\t" not in first and not given:
        delimiter = max(DELIMITERS, key=first.count)
        if not names_columns(first.split(delimiter)):
            return read_lines(lines, where) or [[line] for line in lines]
    before = whole.count("\n") - text.count("\n")
    try:
        rows = [row for row in cells_of(text, delimiter, before=before) if any(row)]
        if all(len(row) == 1 for row in rows) and '"' in first[:1]:  # each row is in quotes
            text = "\n".join(row[0] for row in rows)
            inner = find_delimiter(text) if suffix == ".csv" else delimiter
            rows = [row for row in cells_of(text, inner) if any(row)]
    except csv.Error as error:
        raise PhotosError(f"{where}: not a readable table ({error})") from error
    if any(len(row) > 1 for row in rows):
        return [row for row in rows if not _is_remark(row)]
    return read_lines(lines, where) or rows


def read_cells(path: Path) -> tuple[list[list[str]], str]:
    """Read any table of text as rows of cells, and the delimiter that its header has.

    Raises
    ------
    PhotosError
        The file cannot be read, or is no table of UTF-8 text.
    """
    store = FolderStore(path.parent)
    try:
        data = store.read(path.name)
    except UnreadablePhoto as error:
        raise PhotosError(f"{path}: {error}") from error
    rows = text_rows(data, path)
    header = decode_text(data, path).lstrip().partition("\n")[0]
    found = max(DELIMITERS, key=header.count)
    return rows, found if len(rows[:1]) and len(rows[0]) > 1 else DELIMITERS[0]


def decode_text(data: bytes, where: Path) -> str:
    """Decode a list's text, which is UTF-8 with or without a byte order mark.

    Raises
    ------
    PhotosError
        It is no UTF-8.
    """
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise PhotosError(f"{where}: not UTF-8 text ({error.reason}); save it as UTF-8") from error


def _without_comments(text: str) -> str:
    """Leave out lines before the table that begin with ``#``, unless it is the header that does."""
    while text.startswith("#"):
        line, _, rest = text.partition("\n")
        if names_columns(re.split(r"[,;\t|]", line.lstrip("# "))):
            return text.lstrip("# ")
        if A_PHOTO.search(line):
            break
        text = rest
    return text


def _is_remark(row: list[str]) -> bool:
    """Return whether a row is a line that begins with ``#``, or Markdown's rule below a header."""
    if len(row) == 1:
        return row[0].startswith("#") and A_PHOTO.search(row[0]) is None
    return row[0][:1] in "-:" and all(map(_RULE.fullmatch, row))
