"""Labels in the cells of a list, and what a person should know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ._folder_names import plain_name
from ._label_objects import labels_in_objects

__all__ = ["doubts_of_labels", "labels_of_cell"]

_AS_LIST = re.compile(r"""\[\s*(?:(?:'[^']*'|"[^"]*")\s*,?\s*)*\]""")
_OF_LIST = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_JOINTS = {", ": "a comma", ",": "a comma", " ": "a space", "/": "a slash", "+": "a plus", "&": "&"}
_FEW = 1000  # labels, which are compared with each other
_NOT_KNOWN = ("nan", "na", "n/a", "null", "<na>", "?", "-", "unlabeled", "unlabelled")


def labels_of_cell(cell: str) -> list[str]:
    """Return the labels in a cell: joined by ``;`` or ``|``, or written as a list by a program.

    Parameters
    ----------
    cell : str

    Returns
    -------
    list of str
        In the order of the cell, in one Unicode form, without the spaces around them.

    Raises
    ------
    ValueError
        The cell has an object that tells no label.
    """
    text = plain_name(cell)
    told = labels_in_objects(text)
    if told is not None:
        parts = told
    elif _AS_LIST.fullmatch(text):
        parts = [one or other for one, other in _OF_LIST.findall(text)]
    else:
        parts = text.replace("|", ";").split(";")
    return [part.strip() for part in parts if part.strip()]


def doubts_of_labels(labels: set[str]) -> Iterator[str]:
    """Say which labels may mean something else than they were read as.

    Parameters
    ----------
    labels : set of str
        All labels of a list.

    Yields
    ------
    str
        A sentence on labels that seem to be several, and one on labels that seem to mean none.
    """
    for joint, name in _JOINTS.items() if len(labels) <= _FEW else ():
        parts = {label: frozenset(label.split(joint)) for label in labels}
        joined = sorted(label for label in labels if _is_joined(label, parts))
        if joined:
            yield (
                f"label {joined[0]!r} is read as one; if it is several that {name} joins, write "
                "';' between them"
            )
            break
    unknown = sorted(label for label in labels if label.casefold() in _NOT_KNOWN)
    if unknown and len(labels) > 2:
        yield f"{unknown[0]!r} is read as a label; if it means not known, leave the cell empty"


def _is_joined(label: str, parts: Mapping[str, frozenset[str]]) -> bool:
    """Return whether a label is made of nothing but other labels of the list."""
    own = parts[label]
    return len(own) > 1 and own == {x for other in parts.values() if other < own for x in other}
