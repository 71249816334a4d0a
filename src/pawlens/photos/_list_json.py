"""JSON lists as rows of cells: records, JSON Lines, COCO, and what Label Studio exports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import PhotosError
from ._list_lines import A_PHOTO
from ._list_names import as_split, path_rank
from ._list_text import decode_text

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
        and their files; what pandas writes; COCO's ``images``, ``annotations`` and ``categories``;
        exports of Label Studio and Prodigy; a manifest of SageMaker.
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
    except (KeyError, TypeError, AttributeError, ValueError) as error:
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
        The text is no JSON, or one that is nested too deep.
    """
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _parsed(text: str, *, by_line: bool) -> Any:
    """Parse one value, or one a line, whatever the file's ending says."""
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        content = [parse_json(line) for line in lines] if by_line else parse_json(text)
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
    if not all(isinstance(record, dict) for record in content):
        raise TypeError("not objects")
    return [_as_exported(record) for record in content]


def _listed(content: dict[str, Any]) -> Sequence[Any]:
    """Turn an object into a record for each photo."""
    values = list(content.values())
    if {"images", "annotations"} <= content.keys():
        return _coco(content)
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
        return [{"path": path, "label": name} for name, own in lists.items() for path in own]
    return [{"path": path, "label": label} for path, label in content.items()]


def _is_file(name: Any) -> bool:
    return isinstance(name, str) and A_PHOTO.search(name) is not None


def _as_exported(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a record as the program that wrote it means it."""
    if "data" in record and isinstance(record["data"], Mapping):
        return _label_studio(record)
    answer = record.get("answer")
    if answer in ("accept", "reject", "ignore"):  # Prodigy
        told = record.get("accept", record.get("label"))
        rest = {name: own for name, own in record.items() if name not in ("accept", "options")}
        return {**rest, "label": told if answer == "accept" else None}
    if "source-ref" in record:  # SageMaker keeps the name beside the number, in "NAME-metadata"
        about = [own for name, own in record.items() if name.endswith("-metadata")]
        named = [own["class-name"] for own in about if "class-name" in own]
        return {
            "path": record["source-ref"],
            **({"label": named[0]} if len(named) == 1 else record),
        }
    return record


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
