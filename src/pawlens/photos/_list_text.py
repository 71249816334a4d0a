"""Text lists as rows of cells: CSV and its kin with any common delimiter, and plain lists."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from ..errors import PhotosError, UnreadablePhoto
from ._list_names import path_rank
from ._stores import FolderStore

__all__ = ["A_PHOTO", "TEXT_SUFFIXES", "decode_text", "read_cells", "text_rows"]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".lst")
_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 100  # lines that tell the delimiter
_PATH_AND_LABEL = re.compile(
    r"(?i)(.+\.(?:jpe?g|png|gif|webp|bmp|tiff?|avif|heic))[ ,;|:\t]+(\S.*)"
)
A_PHOTO = re.compile(r"(?i)\.(?:jpe?g|png|gif|webp|bmp|tiff?|avif|hei[cf])(?:\W|$)")
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
    text = _without_comments(decode_text(data, where))
    if "\0" in text:
        raise PhotosError(f"{where}: not a readable table (it has NUL characters)")
    suffix = where.suffix.lower()
    given = _EXCELS_DELIMITER.match(text)
    text = text[given.end() :] if given else text
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    first = lines[0] if lines else ""
    delimiter = "\t" if suffix != ".csv" else _delimiter("\n".join(lines[:_LOOKED_AT]))
    delimiter = given[1] if given else delimiter
    if suffix == ".txt" and "\t" not in first and not given:
        delimiter = max(_DELIMITERS, key=first.count)
        pairs = [_PATH_AND_LABEL.fullmatch(line) for line in lines]
        if all(pairs):
            return [list(pair.groups()) for pair in pairs if pair]
        if not _names_columns(first.split(delimiter)):
            return [[line] for line in lines]
    try:
        rows = _parse(text, delimiter)
    except csv.Error as error:
        raise PhotosError(f"{where}: not a readable table ({error})") from error
    rows = [row for row in rows if any(row)]
    return rows if any(len(row) > 1 for row in rows) else _pairs(lines) or rows


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
    found = max(_DELIMITERS, key=header.count)
    return rows, found if len(rows[:1]) and len(rows[0]) > 1 else _DELIMITERS[0]


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
        if _names_columns(re.split(r"[,;\t|]", line.lstrip("# "))):
            return text.lstrip("# ")
        if A_PHOTO.search(line):
            break
        text = rest
    return text


def _pairs(lines: list[str]) -> list[list[str]]:
    """Read a file and its label a line, with a colon or a space between them, below a header."""
    pairs = [_PATH_AND_LABEL.fullmatch(line) for line in lines]
    header = [] if not lines or pairs[0] else [re.split(r"[ :]+", lines[0], maxsplit=1)]
    rows = [list(pair.groups()) for pair in pairs if pair]
    return header + rows if len(header) + len(rows) == len(lines) else []


def _names_columns(cells: list[str]) -> bool:
    return len(cells) > 1 and any(path_rank(cell) is not None for cell in cells)


def _delimiter(head: str) -> str:
    """Find the delimiter that makes the most columns in rows of equal length; a comma is first."""

    def columns(delimiter: str) -> int:
        try:
            widths = [len(row) for row in _parse(head, delimiter) if any(row)]
        except csv.Error:
            return 0
        return widths[0] if len(set(widths)) == 1 else 0

    best = max(_DELIMITERS, key=columns)
    if columns(best) > 1:
        return best
    # No delimiter makes all rows equal: the first row tells it, and the odd row is named later.
    return max(_DELIMITERS, key=head.partition("\n")[0].count)


def _parse(text: str, delimiter: str) -> list[list[str]]:
    sheet = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in sheet]
