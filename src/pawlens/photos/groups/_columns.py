"""Groups by a column of a list: several groups of one photo, and spellings of one, are one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...base import first_few
from ..layout import loose_name, plain_name
from ..lists import bare, is_not_known

__all__ = ["groups_in_column"]


def groups_in_column(
    values: Mapping[str, str], paths: Sequence[str]
) -> tuple[list[str | None], str]:
    """Read the group of each photo from the cells of a column.

    Where a photo is in several groups (``rex;tom``, also of two rows), all photos of these are in
    one: they may not be on both sides of a split. So are groups that differ only in case, space or
    zeros behind a point.

    Parameters
    ----------
    values : mapping of str to str
        Path -> cell.
    paths : sequence of str
        All photos.

    Returns
    -------
    names : list of str or None
        None where a cell is empty.
    told : str
        Which groups were joined, in words; empty where none was.
    """
    texts = (plain_name(values.get(path, "")) for path in paths)
    cells = [[part for part in map(bare, text.split(";")) if part] for text in texts]
    members = [_known(parts) for parts in cells]
    above: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for parts in members:
        for part in parts:
            above.setdefault(part, part)
            for other in (parts[0], spelled.setdefault(_plain(part), part)):
                above[_top(above, part)] = _top(above, other)
    joined: dict[str, list[str]] = {}
    for part in above:
        joined.setdefault(_top(above, part), []).append(part)
    names = {top: ";".join(parts) for top, parts in joined.items()}
    several = [name for top, name in names.items() if len(joined[top]) > 1]
    found = [names[_top(above, parts[0])] if parts else None for parts in members]
    return found, f" ({first_few(several)} joined)" if several else ""


def _known(parts: list[str]) -> list[str]:
    """Leave out words for what is not known beside the names of groups."""
    return [part for part in parts if not is_not_known(part)] or parts[:1]


def _plain(part: str) -> str:
    return re.sub(r"(?<=\d)\.0+$", "", loose_name(part))


def _top(above: dict[str, str], part: str) -> str:
    """Return what stands for all that are joined with a group, and shorten the way to it."""
    top = part
    while above[top] != top:
        top = above[top]
    while above[part] != top:
        above[part], part = top, above[part]
    return top
