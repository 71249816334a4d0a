"""Photos whose folders are read from the top, and which of them lie in each folder."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from .._photo import natural_key
from ._class_doubts import LevelFolder
from ._folder_names import is_generic

__all__ = ["Row", "by_folder", "level_folder", "lower", "width"]


@dataclass
class Row:
    """A photo whose folders are read from the top.

    Attributes
    ----------
    path : str
    folders : tuple of str
        In one Unicode form.
    split, fold, label : str or None
        What is known so far.
    """

    path: str
    folders: tuple[str, ...]
    split: str | None = None
    fold: str | None = None
    label: str | None = None


def by_folder(rows: Iterable[Row], depth: int) -> dict[str, list[Row]]:
    """Return the photos in each folder of a level, in natural order of the folders."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if len(row.folders) > depth:
            found[row.folders[depth]].append(row)
    return {name: found[name] for name in sorted(found, key=natural_key)}


def lower(rows: Sequence[Row], depth: int) -> int:
    """Pass levels below the classes whose folders mean nothing, as in ``cat/images/train``."""

    def is_passed(row: Row) -> bool:
        if len(row.folders) <= depth + 1:
            return False
        return is_generic(row.folders[depth]) and not row.folders[depth].isdecimal()

    while all(map(is_passed, rows)):
        depth += 1
    return depth


def level_folder(name: str, rows: Iterable[Row], depth: int) -> LevelFolder:
    """Describe a folder that may be a class; `depth` is that of what is in it."""
    below = Counter(row.folders[depth:] for row in rows)
    files = [PurePosixPath(row.path).name for row in rows if len(row.folders) == depth]
    return LevelFolder(name, below, files)


def width(rows: Iterable[Row]) -> int:
    """Return the number of different folders that photos lie in."""
    return len({row.folders for row in rows})
