"""Labels that a list has as objects: ``{"id": 0, "name": "cat"}``, ``[{"tagName": "cat"}]``."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ._known_names import name_key
from ._marks import NUMBER

__all__ = ["labels_in_objects", "scored", "told_by"]

_NAMES = (
    "tagname", "displayname", "labelname", "classname", "categoryname", "label", "class",
    "category", "tag", "name", "title", "value", "filename", "filepath", "path", "url", "uri",
)  # fmt: skip
_ASKED = frozenset(("name", "title", "key", "attribute"))  # what was asked, beside its answer
_ANSWERS = ("value", "answer", "choice")
_SCORES = frozenset(("score", "confidence", "probability", "prob", "conf", "value"))


def told_by(value: Mapping[str, Any]) -> Any:
    """Return what an object is the name of, be it a label or a photo; None where nothing tells it.

    A name in words wins over one in numbers. Where an object has a question and its answer, as in
    ``{"name": "species", "value": "cat"}``, it is the answer.
    """
    keys = {name_key(key): key for key in reversed(list(value))}
    for answer in _ANSWERS if _ASKED & keys.keys() else ():
        told = value.get(keys.get(answer, ""))
        if isinstance(told, Mapping):
            return told_by(told)
        if isinstance(told, str) and told and not NUMBER.fullmatch(told):
            return told
    found = [value[keys[name]] for name in _NAMES if name in keys]
    found = [one for one in found if isinstance(one, str) and one]
    return next((one for one in found if not NUMBER.fullmatch(one)), found[0] if found else None)


def scored(objects: Sequence[Any]) -> bool:
    """Return whether several objects have scores, so that not all of them are meant."""
    return len(objects) > 1 and any(
        name_key(str(key)) in _SCORES and NUMBER.fullmatch(str(value)) is not None
        for one in objects
        if isinstance(one, Mapping)
        for key, value in one.items()
    )


def labels_in_objects(text: str) -> list[str] | None:
    """Read labels from a cell that has an object or several, as JSON or as Python writes them.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str or None
        None where the cell is something else.

    Raises
    ------
    ValueError
        An object tells no label, or several have scores; the message says so.
    """
    if not text.startswith(("{", "[")) or "{" not in text:
        return None
    content = _parsed(text)
    objects = content if isinstance(content, list) else [content]
    if not objects or not all(isinstance(one, dict) for one in objects):
        return None
    if scored(objects):
        raise ValueError("are several labels with scores; keep those that hold")
    return [label for one in objects for label in _labels_of(one)]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _labels_of(one: Mapping[str, Any]) -> Sequence[str]:
    """Return the label of an object: its name, its only value, or the keys that are true."""
    one = {str(key): str(v) if isinstance(v, int | float) else v for key, v in one.items()}
    one = {key: value for key, value in one.items() if value not in (None, "", {}, [])}
    told = told_by(one)
    if told is not None:
        return [told]
    if one and all(value in (True, False, "True", "False") for value in one.values()):
        return [key for key, value in one.items() if value in (True, "True")]
    if len(one) > 1:
        raise ValueError("is an object that tells no name of a label; write the name alone")
    for value in one.values():
        return _labels_of(value) if isinstance(value, Mapping) else [str(value)]
    return []
