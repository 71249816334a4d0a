"""Groups by a column of a list: several of one photo become one, and words for none are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._list_labels import is_not_known
from ._list_names import bare

__all__ = ["groups_in_column"]

_NONE = ("none", "n.n.", "no group", "not known")
_SHOWN = 3


def groups_in_column(
    values: Mapping[str, str], paths: Sequence[str]
) -> tuple[list[str | None], str]:
    """Read the group of each photo from the cells of a column.

    Where a photo is in several groups (``rex;tom``, also of two rows), all photos of these are in
    one: they may not be on both sides of a split.

    Parameters
    ----------
    values : mapping of str to str
        Path -> cell.
    paths : sequence of str
        All photos.

    Returns
    -------
    names : list of str or None
        None where a cell is empty or a word for what is not known, as ``nan`` or ``unknown``.
    told : str
        What was read as no group, and which groups were joined, in words; empty where nothing was.
    """
    cells = [[part for part in map(bare, values.get(p, "").split(";")) if part] for p in paths]
    unknown = {part for parts in cells for part in parts if _is_none(part)}
    members = [[part for part in parts if part not in unknown] for parts in cells]
    above: dict[str, str] = {}
    for parts in members:
        for part in parts:
            above.setdefault(part, part)
            above[_top(above, part)] = _top(above, parts[0])
    joined: dict[str, list[str]] = {}
    for part in above:
        joined.setdefault(_top(above, part), []).append(part)
    names = {top: ";".join(parts) for top, parts in joined.items()}
    several = [name for top, name in names.items() if len(joined[top]) > 1]
    told = [f"{_shown(sorted(unknown))} read as none"] if unknown else []
    if several:
        told.append(f"{_shown(several)} joined, as photos are in several groups at once")
    found = [names[_top(above, parts[0])] if parts else None for parts in members]
    return found, f" ({'; '.join(told)})" if told else ""


def _is_none(part: str) -> bool:
    return is_not_known(part) or part.casefold() in _NONE


def _top(above: dict[str, str], part: str) -> str:
    """Return what stands for all that are joined with a group, and shorten the way to it."""
    top = part
    while above[top] != top:
        top = above[top]
    while above[part] != top:
        above[part], part = top, above[part]
    return top


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
