"""Labels in the cells of a list, and what a person should know of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ...errors import PhotosError
from ..layout import loose_name, plain_name
from ._known_names import UNSEEN, bare
from ._label_objects import labels_in_objects

__all__ = ["check_writing", "doubts_of_labels", "is_not_known", "labels_of_cell"]

_AS_LIST = re.compile(r"""\[\s*(?:(?:'[^']*'|"[^"]*")\s*,?\s*)*\]""")
_OF_LIST = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_JOINTS = {", ": "a comma", ",": "a comma", " ": "a space", "/": "a slash", "+": "a plus", "&": "&"}
_FEW = 1000  # labels, which are compared with each other
_UNKNOWN = """
nan na n/a n.a. #n/a <na> nat null nil ? ?? - -- unknown undefined missing unlabeled unlabelled
unannotated todo tbd 未知 未标注
"""
_NOT_KNOWN = frozenset(_UNKNOWN.split())
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_NOTHING = dict.fromkeys(map(ord, UNSEEN))
_CODE = re.compile("[A-Z]{2}")
_WHOLE = re.compile(r"([-+]?\d+)\.?0*")


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
    return [label for label in map(bare, parts) if label]


def is_not_known(text: str) -> bool:
    """Return whether a text is a word of programs or people for what is not known."""
    return text.casefold() in _NOT_KNOWN


def check_writing(labels: Iterable[str], where: str) -> None:
    """Refuse labels that are the same number, or the same but for quotes and what shows nothing.

    Raises
    ------
    PhotosError
        The message names two of them.
    """
    seen: dict[str, str] = {}
    for label in sorted(labels):
        whole = _WHOLE.fullmatch(label)
        plain = whole[1] if whole and "." in label else loose_name(label.translate(_NOTHING))
        plain = plain.strip(_QUOTES).strip() or plain
        other = seen.setdefault(plain, label)
        if other != label and loose_name(other) != loose_name(label):
            hidden = label.translate(_NOTHING) != label or other.translate(_NOTHING) != other
            why = ", but for characters that do not show" if hidden else ""
            raise PhotosError(
                f"{where}: are {other!r} and {label!r} one class{why}? give them the same name"
            )


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
    yield from _alike(labels)
    codes = all(map(_CODE.fullmatch, labels))  # where NA is North America, or Namibia
    unknown = [] if codes else sorted(filter(is_not_known, labels))
    if not unknown and "-1" in labels and all(map(_WHOLE.fullmatch, labels)):
        unknown = ["-1"]
    if unknown and len(labels) > 1:
        yield f"{unknown[0]!r} is read as a label; if it means not known, leave the cell empty"


def _alike(labels: Iterable[str]) -> Iterator[str]:
    """Tell two labels that differ only in spaces, hyphens and underscores, or in zeros before."""
    seen: dict[str, str] = {}
    for label in sorted(labels):
        plain = re.sub(r"(?<=[^\W_])[\s_-]+(?=[^\W_])", "", loose_name(label))
        other = seen.setdefault(plain.lstrip("0") or plain, label)
        if other != label:
            yield f"{other!r} and {label!r} are two classes; if they are one, give them one name"
            return


def _is_joined(label: str, parts: Mapping[str, frozenset[str]]) -> bool:
    """Return whether a label is made of nothing but other labels of the list."""
    own = parts[label]
    return len(own) > 1 and own == {x for other in parts.values() if other < own for x in other}
