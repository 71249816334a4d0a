"""Which column of a list says what is held out: by its name, or by the words that are in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ...errors import PhotosError
from ._known_names import as_split, is_label, name_key, split_rank
from ._marks import is_mark

__all__ = ["find_split", "tells_splits"]

Cells = Callable[[int], Sequence[str]]

_MARKS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation"))
"""Names under which 0 and 1 are splits, if another column has the labels: else they are classes."""
_MANY = 50  # different cells, which no column of splits has
_FEW = 10  # different cells, which a column of splits may have in whatever words
_SHOWN = 3


def find_split(
    names: Sequence[str], cells: Cells, others: Collection[int], where: str
) -> tuple[int | None, list[str]]:
    """Find the column of splits, and say which columns might be meant as one.

    A column called ``split`` is one. Another one is, if its name is known and it holds nothing but
    splits, or if its name is unknown and it has words for two of them at least, train among them.

    Parameters
    ----------
    names : sequence of str
        The header.
    cells : callable
        Returns the cells of a column.
    others : collection of int
        The columns that may be it.
    where : str
        The list, for messages.

    Returns
    -------
    column : int or None
    doubts : list of str
        A sentence on each column that is not read as one, although its name or a word in it may
        mean that.

    Raises
    ------
    PhotosError
        Two columns say different splits of a photo.
    """
    ranks = {i: split_rank(names[i]) for i in others}
    named = sorted((rank, i) for i, rank in ranks.items() if rank is not None)
    if named and named[0][0] == 0:
        return named[0][1], []
    labelled = any(is_label(name) or is_label(name, weak=True) for name in names)
    kinds = {i: set(cells(i)) for i in others}
    found = [i for _, i in named if all(as_split(names[i], cell) is not None for cell in kinds[i])]
    found += [
        i
        for i in others
        if ranks[i] is None
        and not is_label(names[i])
        and (tells_splits(kinds[i]) or (labelled and _is_marked(names[i], kinds[i])))
    ]
    for i in found[1:]:
        pairs = zip(_splits(names, cells, found[0]), _splits(names, cells, i), strict=True)
        if any(one != other for one, other in pairs if one and other):
            raise PhotosError(
                f"{where}: columns {names[found[0]]!r} and {names[i]!r} say different splits; "
                "write one column split with train, valid and test"
            )
    doubts = [_doubt(names[i], kinds[i]) for i in others if i not in found]
    return found[0] if found else None, [doubt for doubt in doubts if doubt]


def tells_splits(cells: Collection[str]) -> bool:
    """Return whether cells are splits in words, train and another one, and nothing else."""
    splits = {as_split("", cell) for cell in cells} if len(cells) <= _MANY else {None}
    return "train" in splits and len(splits - {""}) > 1 and None not in splits


def _splits(names: Sequence[str], cells: Cells, column: int) -> list[str | None]:
    return [as_split(names[column], cell) for cell in cells(column)]


def _is_marked(name: str, cells: Collection[str]) -> bool:
    return name_key(name) in _MARKS and len(cells) > 1 and all(map(is_mark, cells))


def _doubt(name: str, cells: Collection[str]) -> str:
    """Say that a column is not read as splits, where its name or its words might mean these."""
    filled = sorted(cell for cell in cells if cell) if len(cells) <= _MANY else []
    words = {as_split("", cell) for cell in filled} - {None}
    named = split_rank(name) is not None and (words or 1 < len(filled) <= _FEW)
    if not (named or ("train" in words and len(words) > 1)):
        return ""
    odd = [cell for cell in filled if as_split("", cell) is None]
    more = " ..." if len(odd) > _SHOWN else ""
    return (
        f"column {name!r} is not read as a split, as it holds "
        f"{', '.join(map(repr, odd[:_SHOWN]))}{more}; write train, valid or test there if it is one"
    )
