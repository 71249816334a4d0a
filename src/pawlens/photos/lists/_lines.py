"""Plain lists: a file a line, maybe with its label after it or before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ...errors import PhotosError
from ..decoding import PHOTO_ENDING, PICTURE_ENDINGS
from ._known_names import counts_up, is_label, path_rank

__all__ = ["A_PHOTO", "one_reading", "read_lines"]

_ENDINGS = "|".join(ending[1:] for ending in PICTURE_ENDINGS)
A_PHOTO = re.compile(rf"(?i)\.(?:{_ENDINGS})(?:\W|$)")
"""A photo's name, anywhere in a line."""

_PATH_AND_LABEL = re.compile(rf"(?i)(.+\.(?:{_ENDINGS}))[ ,;|:\t]+(\S.*)")
_LABEL_AND_PATH = re.compile(rf"(?i)(\S.*?)[ ,;|:\t]+(\S*\.(?:{_ENDINGS}))")
_SAMPLE = 100


def read_lines(lines: Sequence[str], where: Path) -> list[list[str]]:
    """Read files and their labels from lines, below a header if there is one.

    Parameters
    ----------
    lines : sequence of str
        Without the spaces around them; none is empty. Lines that begin with ``#`` and name no
        photo are remarks.
    where : Path
        The list, for messages.

    Returns
    -------
    list of list of str
        A file and its label, which is empty where a line has none. Where each line may be a label
        and a file, or the name of one file, three cells: the line, the label, the file; see
        `one_reading`. Empty where the lines are neither.

    Raises
    ------
    PhotosError
        Most lines are a file and its label, and one is neither that nor a file.
    """
    kept = [line for line in lines if not line.startswith("#") or A_PHOTO.search(line)]
    pairs = [_PATH_AND_LABEL.fullmatch(line) for line in kept]
    header: list[list[str]] = []
    if kept and not pairs[0]:
        names = re.split(r"[ ,;|:\t]+", kept[0], maxsplit=1)
        if len(names) == 2 and any(path_rank(x) is not None or is_label(x) for x in names):
            header, kept, pairs = [names], kept[1:], pairs[1:]
    if 2 * sum(map(bool, pairs)) > len(kept):
        return header + [_file_and_label(line, kept, where) for line in kept]
    swapped = [_LABEL_AND_PATH.fullmatch(line) for line in kept]
    if kept and all(swapped):
        cells = [list(pair.groups()) for pair in swapped if pair]
        if header:
            return header + cells
        return [[line, *own] for line, own in zip(kept, cells, strict=True)]
    if 2 * sum(map(bool, swapped)) > len(kept):
        example = next(line for line, pair in zip(kept, swapped, strict=True) if pair)
        odd = next((line for line in kept if not PHOTO_ENDING.search(line)), None)
        if odd is not None:
            raise _unlike(odd, example, where)
    return []


def one_reading(
    rows: Sequence[Sequence[str]], finds: Callable[[str], bool]
) -> Sequence[Sequence[str]]:
    """Choose what lines are that may be a label and a file, or one file with a space in its name.

    Parameters
    ----------
    rows : sequence of sequence of str
    finds : callable
        Returns whether a text is the name of a photo that is there.

    Returns
    -------
    sequence of sequence of str
        The file and the label of each line, or the file alone where what stands before it only
        counts; the lines where these are files themselves; or the rows as they are, where they
        are no such lines.
    """
    if not rows or not all(len(row) == 3 and _is_line(*row) for row in rows):
        return rows
    sample = rows[:_SAMPLE]
    if any(finds(row[0]) for row in sample) or not any(finds(row[2]) for row in sample):
        return [row[:1] for row in rows]
    if counts_up(row[1] for row in rows):
        return [row[2:] for row in rows]
    return [[row[2], row[1]] for row in rows]


def _file_and_label(line: str, lines: Sequence[str], where: Path) -> list[str]:
    pair = _PATH_AND_LABEL.fullmatch(line)
    if pair:
        file, label = pair.groups()
        quoted = len(label) > 1 and label[0] == label[-1] == '"'
        return [file, label[1:-1] if quoted else label]
    if PHOTO_ENDING.search(line):
        return [line, ""]
    example = next(one for one in lines if _PATH_AND_LABEL.fullmatch(one))
    raise _unlike(line, example, where)


def _unlike(line: str, example: str, where: Path) -> PhotosError:
    return PhotosError(
        f"{where}: the line {line[:60]!r} is no file and its label, as {example[:60]!r} is; mend "
        "it, or begin it with #"
    )


def _is_line(line: str, label: str, file: str) -> bool:
    between = len(line) - len(label) - len(file)
    return between > 0 and line.startswith(label) and line.endswith(file)
