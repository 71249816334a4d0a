"""JSON lists as rows of cells: records, JSON Lines, COCO, and what Label Studio exports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import PhotosError
from ._list_text import decode_text

__all__ = ["JSON_SUFFIXES", "cell_of", "json_rows", "parse_json"]

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
_MAX_COLUMNS = 10_000


def json_rows(data: bytes, where: Path) -> list[list[str]]:
    """Read a JSON list as rows of cells, the first of which are the names of the columns.

    Parameters
    ----------
    data : bytes
        An array of objects; an object a line; an object of file names and labels; COCO's
        ``images``, ``annotations`` and ``categories``; Label Studio's JSON or JSON-MIN.
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
        if where.suffix.lower() == ".json":
            content = parse_json(text)
        else:
            content = [parse_json(line) for line in text.split("\n") if line.strip()]
    except (ValueError, RecursionError) as error:
        raise PhotosError(f"{where}: not readable JSON ({error})") from error
    try:
        records = _records(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PhotosError(
            f"{where}: not a list of photos; it must hold an object for each photo, as in "
            '[{"path": "1.jpg", "label": "cat"}]'
        ) from error
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > _MAX_COLUMNS:
        raise PhotosError(f"{where}: {len(names):,} different keys; is it a list of photos?")
    return [names, *([cell_of(record.get(name)) for name in names] for record in records)]


def parse_json(text: str) -> Any:
    """Parse JSON with its numbers as they are written.

    Raises
    ------
    ValueError, RecursionError
        The text is no JSON, or one that is nested too deep.
    """
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _records(content: Any) -> list[Mapping[str, Any]]:
    """Turn any of the known forms into a record for each photo and label."""
    if isinstance(content, dict):
        if {"images", "annotations"} <= content.keys():
            return _coco(content)
        lists = [value for value in content.values() if isinstance(value, list)]
        lists = [value for value in lists if any(isinstance(one, dict) for one in value)]
        if not lists:
            if not all(isinstance(value, str | list) for value in content.values()):
                raise TypeError("not names and labels")
            return [{"path": path, "label": label} for path, label in content.items()]
        (content,) = lists
    if not all(isinstance(record, dict) for record in content):
        raise TypeError("not objects")
    return [_label_studio(record) if "data" in record else record for record in content]


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


def _label_studio(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a task of Label Studio's whole export: its data, and the choices of its annotations."""
    chosen = [
        choice
        for annotation in task.get("annotations", [])
        if not annotation.get("was_cancelled")
        for result in annotation.get("result", [])
        for choice in result.get("value", {}).get("choices", [])
    ]
    return {**task["data"], "choice": list(dict.fromkeys(chosen)), "annotation_id": ""}


def cell_of(value: Any) -> str:
    """Return a value as the text of a cell; several are joined by ``;``, null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        # Label Studio's JSON-MIN has several choices of one photo as {"choices": [...]}.
        value = value.get("choices", [json.dumps(value, ensure_ascii=False)])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ";".join(map(cell_of, value))
    return str(value)
