"""Which columns of a list hold the photos, their labels and their splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...base import first_few
from ...errors import PhotosError
from ..decoding import PHOTO_ENDING
from ._chosen_columns import NO_LABEL, ColumnNames, ListColumns
from ._known_names import (
    KNOWN_LABELS,
    KNOWN_PATHS,
    as_split,
    counts_up,
    is_label,
    name_key,
    path_rank,
    split_rank,
)
from ._lines import one_reading
from ._marks import NUMBER, is_mark, why_asked
from ._split_columns import find_split, tells_splits

__all__ = ["NO_LABEL", "ColumnNames", "ListColumns", "find_columns"]

_SAMPLE = 100
_COUNTED = 2  # rows whose numbers, in a column without a name, are 0 and 1 alone
_PLAIN_WIDTH = 3  # columns of a list without a header: photo, label, split
_LABEL_STUDIO = ("annotationid", "annotator", "leadtime")
_NOTHING = frozenset(("", "{}", "[]"))  # cells of a column that a program writes and nobody fills
_MEND = (
    "name them with --path-column and --label-column (path_column and label_column in Python); "
    "--label-column none reads no labels"
)

Finds = Callable[[str], bool]


def find_columns(
    rows: Sequence[Sequence[str]],
    finds: Finds,
    wanted: ColumnNames,
    *,
    labels: bool,
    header: bool,
    where: str,
) -> tuple[ListColumns, Sequence[Sequence[str]]]:
    """Find the columns of a list by their names, or by what is in them where there is no header.

    Parameters
    ----------
    rows : sequence of sequence of str
        All rows, with the header if there is one.
    finds : callable
        Returns whether a text is the name of a photo that is there.
    wanted : ColumnNames
    labels : bool
        Whether labels are needed.
    header : bool
        Whether the first row is known to be the header.
    where : str
        The list, for messages.

    Returns
    -------
    columns : ListColumns
    rows : sequence of sequence of str
        The rows without the header.

    Raises
    ------
    PhotosError
        A column is unknown or ambiguous; the message names the columns that were read, the names
        that are known, and the options that mend it.
    """
    if not rows:
        raise PhotosError(f"{where}: the list is empty")
    if not header:
        rows = one_reading(rows, finds)
    if not (header or _has_header(rows, finds, wanted)):
        rows = _without_numbers(rows)
        return _by_content(rows, finds, where), rows
    names, rows = rows[0], rows[1:]
    if not rows:
        raise PhotosError(f"{where}: the list is empty but for its header")
    found = _Header(names, rows, where)
    path = found.path(wanted.path, finds)
    split, doubts = found.split(path, wanted.label)
    label, one_hot = found.label(wanted.label, {path, split}) if labels else (None, {})
    taken = {path, label, split, *one_hot}
    further = {i: name for i, name in enumerate(names) if name and i not in taken}
    return ListColumns(path, label, one_hot, split, further, names, doubts), rows


def _has_header(rows: Sequence[Sequence[str]], finds: Finds, wanted: ColumnNames) -> bool:
    """Return whether the first row names columns; a row that names a photo does not."""
    first = rows[0]
    if any(PHOTO_ENDING.search(cell) for cell in first):
        return False
    if any(name in first for name in (wanted.path, wanted.label) if name is not None):
        return True
    if any(path_rank(cell) is not None or is_label(cell) for cell in first):
        return True
    # Names that are not known: what stands below them are photos, and they are not.
    if any(map(finds, first)):
        return False
    below = rows[1 : 1 + _SAMPLE]
    return any(finds(cell) or PHOTO_ENDING.search(cell) for row in below for cell in row)


def _without_numbers(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Leave out the corners of boxes: columns of numbers beside a photo and its label in words."""
    width = len(rows[0])
    if width <= _PLAIN_WIDTH or any(len(row) != width for row in rows):
        return rows
    kept = [i for i in range(width) if not all(NUMBER.fullmatch(row[i]) for row in rows)]
    return [[row[i] for i in kept] for row in rows] if 1 < len(kept) <= _PLAIN_WIDTH else rows


def _by_content(rows: Sequence[Sequence[str]], finds: Finds, where: str) -> ListColumns:
    """Find the columns of a list without a header: the photo, its label and maybe its split."""
    width = max(map(len, rows))
    if width > _PLAIN_WIDTH:
        raise PhotosError(
            f"{where}: {width} columns and no header; name them path, label and, if wanted, split"
        )
    sample = [row for row in rows[:_SAMPLE] if len(row) == width]

    def photos(column: int) -> tuple[int, int]:
        cells = {row[column] for row in sample}  # labels may be ids too, but are fewer
        return sum(bool(PHOTO_ENDING.search(cell)) for cell in cells), sum(map(finds, cells))

    path = max(range(width), key=photos)
    as_good = [i for i in range(width) if photos(i) == photos(path)]
    if len(as_good) > 1 and any(photos(path)):
        raise PhotosError(
            f"{where}: no header, and columns {as_good[0] + 1} and {as_good[1] + 1} may both be "
            f"the photos; write a first row that names the columns, as path,label"
        )
    others = [i for i in range(width) if i != path]
    if len(others) > 1:
        others = [i for i in others if not counts_up(row[i] for row in sample)]
    label, split = (*others, None, None)[:2]
    first = [row[others[0]] for row in sample] if others else []
    if tells_splits(set(first)) or (
        split is not None and all(as_split("", cell) is not None for cell in first)
    ):
        label, split = split, label
    return ListColumns(path, label, split=split)


class _Header:
    """The names of a list's columns, and what is below them."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]], where: str) -> None:
        self.names, self.rows, self.where = names, rows, where
        self.doubts: list[str] = []

    def path(self, wanted: str | None, finds: Finds) -> int:
        """Find the column of photos: the named one, or the known one in which most are there."""
        if wanted is not None:
            return self._named(wanted, "--path-column")
        ranks = {i: path_rank(name) for i, name in enumerate(self.names)}
        known = sorted((rank, i) for i, rank in ranks.items() if rank is not None)
        if not known:
            raise self._unknown("photos", KNOWN_PATHS)
        if len(known) == 1:
            return known[0][1]
        step = max(1, len(self.rows) // _SAMPLE)
        sample = self.rows[::step]

        def there(column: int) -> int:
            return sum(len(row) > column and finds(row[column]) for row in sample)

        return max((i for _, i in known), key=there)

    def split(self, path: int, wanted: str | None) -> tuple[int | None, list[str]]:
        """Find the column of splits, and doubts about others; one that a person named is none."""
        named = [name_key(part) for part in (wanted or "").split(",")]
        others = [i for i, name in enumerate(self.names) if i != path and name_key(name)]
        others = [i for i in others if name_key(self.names[i]) not in named]
        found, self.doubts = find_split(self.names, self._cells, others, self.where)
        return found, self.doubts

    def label(
        self, wanted: str | None, taken: set[int | None]
    ) -> tuple[int | None, Mapping[int, str]]:
        """Find the column of labels, or the columns of single labels that hold 0 and 1."""
        if wanted is not None:
            return self._wanted_label(wanted)
        others = [i for i in range(len(self.names)) if i not in taken]
        studio = any(name_key(name) in _LABEL_STUDIO for name in self.names) or any(
            cell.startswith("/data/") for row in self.rows[:1] for cell in row
        )
        if studio:  # what Label Studio calls the labels of a whole photo
            known = [i for i in others if name_key(self.names[i]) == "choice"]
            if known:
                return known[0], {}
        for weak in (False, True):
            known = [i for i in others if is_label(self.names[i], weak=weak)]
            known = [i for i in known if not set(self._cells(i)) <= _NOTHING] or known[:1]
            if known:
                return self._one_of(known), {}
        named = [i for i in others if self.names[i] and not _is_index(self.names[i])]
        one_hot = {i: self.names[i] for i in named if self._is_one_hot(i)}
        one_hot = {i: name for i, name in one_hot.items() if split_rank(name) is None}
        if len(one_hot) > 1:
            others = [i for i in named if i not in one_hot and split_rank(self.names[i]) is None]
            self._ask_of_marks(one_hot, others)
            self._refuse_nameless()
            return None, one_hot
        if named:
            raise self._unknown("labels", KNOWN_LABELS, self._soft(named) + self._doubted())
        return None, {}

    def _ask_of_marks(self, one_hot: Mapping[int, str], others: Sequence[int]) -> None:
        """Refuse columns of 0 and 1 that may be no labels."""
        marks = {name: self._cells(i) for i, name in one_hot.items()}
        why = why_asked(marks, {self.names[i]: self._cells(i) for i in others})
        if why:
            raise PhotosError(f"{self.where}: {why}")

    def _refuse_nameless(self) -> None:
        """Refuse a column without a name that may be that of a label."""
        for i, name in enumerate(self.names):
            if not name.strip() and len(self.rows) > _COUNTED and self._is_one_hot(i):
                raise PhotosError(
                    f"{self.where}: column {i + 1} holds 0 and 1 as those of labels do, and has no "
                    "name; name it in the first row, or take it out"
                )

    def _wanted_label(self, wanted: str) -> tuple[int | None, Mapping[int, str]]:
        if wanted == NO_LABEL and wanted not in self.names:
            return None, {}
        parts = [part.strip() for part in wanted.split(",")]
        if wanted in self.names or len(parts) == 1:
            return self._named(wanted, "--label-column"), {}
        one_hot = {self._named(part, "--label-column"): part for part in parts}
        for i, name in one_hot.items():
            if not self._is_one_hot(i):
                raise PhotosError(
                    f"{self.where}: column {name!r} is to hold 0 or 1 for each photo{self._odd(i)}"
                )
        return None, one_hot

    def _one_of(self, known: list[int]) -> int:
        """Take the column in words among several of labels, if they all say the same."""
        first = known[0]
        for i in known[1:]:
            pairs = set(zip(self._cells(first), self._cells(i), strict=True))
            if not len(pairs) == len(dict(pairs)) == len({b: a for a, b in pairs}):
                raise PhotosError(
                    f"{self.where}: columns {self.names[first]!r} and {self.names[i]!r} may both "
                    f"be the labels; choose with --label-column (label_column in Python)"
                )
        words = [i for i in known if not all(map(NUMBER.fullmatch, self._cells(i)))]
        return (words or known)[0]

    def _named(self, wanted: str, option: str) -> int:
        for same in (str, name_key):
            found = [i for i, name in enumerate(self.names) if same(name) == same(wanted)]
            if len(found) == 1:
                return found[0]
            if found:
                raise PhotosError(f"{self.where}: {len(found)} columns are called {wanted!r}")
        raise PhotosError(
            f"{self.where}: {option} {wanted}: there is no such column; {self._read()}"
        )

    def _unknown(self, what: str, known: str, why: str = "") -> PhotosError:
        return PhotosError(
            f"{self.where}: no column is known to hold the {what}; {self._read()}{why}; known are "
            f"{known}; {_MEND}"
        )

    def _read(self) -> str:
        return f"the columns are {first_few(self.names, 12)}"

    def _cells(self, column: int) -> list[str]:
        return [row[column] if len(row) > column else "" for row in self.rows]

    def _is_one_hot(self, column: int) -> bool:
        return all(map(is_mark, set(self._cells(column))))

    def _odd(self, column: int) -> str:
        for number, cell in enumerate(self._cells(column), start=1):
            if not is_mark(cell):
                return f", and row {number} holds {cell!r}"
        return ""

    def _doubted(self) -> str:
        return "".join(f"; {doubt}" for doubt in self.doubts)

    def _soft(self, named: list[int]) -> str:
        """Say which column keeps numbers from being a column for each label."""
        for i in named:
            if all(map(NUMBER.fullmatch, self._cells(i))) and not self._is_one_hot(i):
                return f"; a column for each label holds 0 or 1 ({self.names[i]!r}{self._odd(i)})"
        return ""


def _is_index(name: str) -> bool:
    """Return whether a column counts rows by its name; ``-`` and ``?`` may well name a class."""
    return name.strip() in ("", "#", "№") or name_key(name) in ("index", "unnamed0")
