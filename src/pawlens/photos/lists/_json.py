"""JSON lists as rows of cells: records, JSON Lines, COCO, and what Label Studio exports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import PhotosError
from ._exports import as_exported
from ._known_names import as_split, path_rank
from ._label_objects import scored, told_by
from ._lines import A_PHOTO
from ._marks import NUMBER, is_mark, is_one
from ._text import decode_text

__all__ = ["JSON_SUFFIXES", "cell_of", "json_rows", "parse_json"]

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson", ".manifest")
_MAX_COLUMNS = 10_000
_HALF = re.compile("[\ud800-\udfff]")


def json_rows(data: bytes, where: Path) -> list[list[str]]:
    """Read a JSON list as rows of cells, the first of which are the names of the columns.

    Parameters
    ----------
    data : bytes
        An array of objects; an object a line; an object of file names and labels, or of classes
        and their files; pairs of these; any of that beneath the names of splits; what pandas
        writes; COCO's ``images``, ``annotations`` and ``categories``; what programs export, see
        `as_exported`.
    where : Path
        The list, whose ending tells an object a line from the others.

    Returns
    -------
    list of list of str
        Several values of a cell are joined by ``;``. Numbers are the text that they are written
        as, so that ``1.0`` and ``007`` stay different. What is null or missing is empty.

    Raises
    ------
    PhotosError
        The text is no JSON, or none of these.
    """
    text = decode_text(data, where)
    try:
        content = _parsed(text, by_line=where.suffix.lower() != ".json")
    except (ValueError, RecursionError) as error:
        raise PhotosError(f"{where}: not readable JSON ({error})") from error
    try:
        records = _records(content)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise PhotosError(
            f"{where}: not a list of photos; it must hold an object for each photo, as in "
            '[{"path": "1.jpg", "label": "cat"}]'
        ) from error
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > _MAX_COLUMNS:
        raise PhotosError(f"{where}: {len(names):,} different keys; is it a list of photos?")
    rows = [names, *([cell_of(record.get(name)) for name in names] for record in records)]
    if "\\u" in text:  # half of a character can be written so, and no text may hold it
        odd = next((cell for row in rows for cell in row if _HALF.search(cell)), None)
        if odd is not None:
            raise PhotosError(f"{where}: {odd!r} holds half of a character; write it whole")
    return rows


def parse_json(text: str) -> Any:
    """Parse JSON with its numbers as they are written.

    Raises
    ------
    ValueError, RecursionError
        The text is no JSON, or one that is nested too deep, or an object has two values under one
        name.
    """
    return json.loads(
        text,
        parse_int=str,
        parse_float=str,
        parse_constant=str,
        object_pairs_hook=_without_doubles,
    )


class _Doubled(ValueError):
    """An object has two values under one name."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        for name, own in pairs:
            if own != content[name]:
                raise _Doubled(f"{name!r} stands twice in an object, with other values")
    return content


def _parsed(text: str, *, by_line: bool) -> Any:
    """Parse one value, or one a line, whatever the file's ending says."""
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        content = [parse_json(line) for line in lines] if by_line else parse_json(text)
    except _Doubled:
        raise
    except ValueError:
        if by_line or not all(line.lstrip().startswith("{") for line in lines):
            return parse_json(text)
        return [parse_json(line) for line in lines]
    if by_line and len(lines) == 1 and isinstance(content[0], list):
        return content[0]
    return content


def _records(content: Any) -> list[Mapping[str, Any]]:
    """Turn any of the known forms into a record for each photo and label."""
    if isinstance(content, dict):
        content = _listed(content)
    if _is_pairs(content):
        content = [{"path": path, "label": _label_of_pair(label)} for path, label in content]
    if not all(isinstance(record, dict) for record in content):
        raise TypeError("not objects")
    return [as_exported(record) for record in content]


def _listed(content: dict[str, Any]) -> Sequence[Any]:
    """Turn an object into a record for each photo."""
    if isinstance(content.get("_via_img_metadata"), dict):  # a project of VIA
        content = content["_via_img_metadata"]
    if content.keys() == {"classes", "labels"} and isinstance(content["labels"], dict):
        names = content["classes"]  # FiftyOne has the places of names here
        return [{"id": id_, "label": names[int(i)]} for id_, i in content["labels"].items()]
    values = list(content.values())
    if {"images", "annotations"} <= content.keys():
        return _coco(content)
    inner = [own for own in values if _is_pairs(own) or _is_of_files(own)]
    if inner and len(inner) == len(content) and all(as_split("", name) for name in content):
        return [{"split": name, **one} for name, own in content.items() for one in _records(own)]
    if len(inner) == 1:  # StyleGAN's "labels", maybe beside what tells of the whole
        return _records(inner[0])
    lists = {name: own for name, own in content.items() if isinstance(own, list)}
    records = {name: own for name, own in lists.items() if any(isinstance(o, dict) for o in own)}
    if len(records) > 1 and all(as_split("", name) for name in records):
        return [{"split": name, **one} for name, own in records.items() for one in own]
    if records:
        (found,) = records.values()
        return found
    if content.keys() == {"columns", "index", "data"}:  # pandas, orient="split"
        return [dict(zip(content["columns"], row, strict=True)) for row in content["data"]]
    if values and all(isinstance(own, dict) for own in values):
        if any(path_rank(name) is not None for name in content):  # pandas, a column each
            return [{name: content[name].get(i) for name in content} for i in values[0]]
        return [{"path": path, **own} for path, own in content.items()]
    if len(lists) == len(content) > 1 and any(path_rank(name) is not None for name in content):
        return [dict(zip(content, row, strict=True)) for row in zip(*values, strict=True)]
    if not all(isinstance(value, str | list) for value in values):
        raise TypeError("not names and labels")
    if lists and all(_is_file(own[0]) for own in lists.values() if own) and lists == content:
        key = "split" if all(as_split("", name) for name in lists) else "label"
        return [{"path": path, key: name} for name, own in lists.items() for path in own]
    return [{"path": path, "label": label} for path, label in content.items()]


def _is_file(name: Any) -> bool:
    return isinstance(name, str) and A_PHOTO.search(name) is not None


def _is_of_files(content: Any) -> bool:
    """Return whether a value is an object of photos and what is said of each."""
    return isinstance(content, dict) and len(content) > 0 and all(map(_is_file, content))


def _is_pairs(content: Any) -> bool:
    """Return whether a value is pairs of a photo and its label."""
    return (
        isinstance(content, list)
        and len(content) > 0
        and all(isinstance(own, list) and len(own) == 2 and _is_file(own[0]) for own in content)
    )


def _label_of_pair(label: Any) -> Any:
    """Return the number of the only 1 in a vector of 0 and 1, or the label as it is."""
    if not isinstance(label, list) or not label or not all(isinstance(x, str) for x in label):
        return label
    if not all(map(NUMBER.fullmatch, label)):
        return label
    ones = [i for i, x in enumerate(label) if is_one(x)]
    if len(ones) != 1 or not all(map(is_mark, label)):
        raise ValueError("a vector of numbers that names no class")
    return str(ones[0])


def _coco(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A photo's labels are the categories of its annotations, each once."""
    names = {str(one["id"]): str(one["name"]) for one in content.get("categories", [])}
    labels: dict[str, dict[str, None]] = {}
    for one in content["annotations"]:
        category = str(one["category_id"])
        labels.setdefault(str(one["image_id"]), {})[names.get(category, category)] = None
    return [
        {"file_name": one["file_name"], "label": list(labels.get(str(one["id"]), {}))}
        for one in content["images"]
    ]


def cell_of(value: Any) -> str:
    """Return a value as the text of a cell; several are joined by ``;``, null is empty.

    An object is what it names; where nothing tells that, or several have scores, it stays JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        # Label Studio's JSON-MIN has several choices of one photo as {"choices": [...]}.
        told = value.get("choices", told_by(value))
        value = json.dumps(value, ensure_ascii=False) if told is None else told
    if isinstance(value, Sequence) and not isinstance(value, str):
        parts = list(map(cell_of, value))
        untold = any(isinstance(own, Mapping) for own in value) and (
            scored(value) or any(part.startswith("{") for part in parts)
        )
        return json.dumps(value, ensure_ascii=False) if untold else ";".join(parts)
    return str(value)
