"""Decisions for other tools and from them: CSV for a spreadsheet, JSON for Label Studio."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..base import cell, of_cell, read_regular, write_atomic
from ..errors import DecisionsError
from ._decisions import Decision, Journal

__all__ = ["export_csv", "export_label_studio", "import_csv", "import_label_studio"]

_COLUMNS = ("sha256", "path", "action", "labels", "by", "reason", "time")
_SEPARATOR = ";"


def export_csv(journal: Journal, path: Path) -> int:
    """Write the decisions in force, one a row; return their number.

    Several labels are joined with ``;``; a semicolon or backslash inside a label has a backslash
    before it. Texts are as `cell` writes them for a spreadsheet; `import_csv` reads them back.
    """
    decisions = journal.current().values()
    sink = io.StringIO()
    writer = csv.DictWriter(sink, _COLUMNS)
    writer.writeheader()
    for decision in decisions:
        row = asdict(decision) | {"labels": _joined(decision.labels)}
        writer.writerow({name: cell(text) for name, text in row.items()})
    write_atomic(path, sink.getvalue().encode())
    return len(decisions)


def import_csv(journal: Journal, path: Path) -> int:
    """Add the decisions of a CSV with the columns ``sha256`` and ``action``; return their number.

    Those that are in force already are not added again. Nothing is added where a row is wrong.

    Raises
    ------
    DecisionsError
        A row is wrong; the message names it.
    """
    rows = list(csv.DictReader(io.StringIO(_text(path), newline=""), restval=""))
    if not rows or not {"sha256", "action"} <= set(rows[0]):
        raise DecisionsError(f"{path}: no row, or no columns sha256 and action")
    decisions = []
    for number, row in enumerate(rows, start=2):
        values: dict[str, Any] = {n: of_cell(row[n]) for n in _COLUMNS if row.get(n)}
        values["labels"] = _split(of_cell(row.get("labels") or ""))
        decisions.append(_decision(values, f"{path}: row {number}"))
    return _add(journal, decisions)


def export_label_studio(journal: Journal, path: Path) -> int:
    """Write the decisions in force as annotated tasks of Label Studio; return their number.

    A task's ``data`` holds ``image`` (the photo's path), ``sha256``, ``by`` and ``time``; its
    annotation the choices ``action`` and ``labels`` and the text ``reason``.
    """
    decisions = journal.current().values()
    tasks = [_task(number, decision) for number, decision in enumerate(decisions, start=1)]
    write_atomic(path, (json.dumps(tasks, ensure_ascii=False, indent=2) + "\n").encode())
    return len(tasks)


def import_label_studio(journal: Journal, path: Path) -> int:
    """Add the decisions of tasks that Label Studio exported as JSON; return their number.

    The last annotation of a task that was not cancelled counts; tasks without one are skipped.
    Those that are in force already are not added again. Nothing is added where a task is wrong.

    Raises
    ------
    DecisionsError
        A task is wrong; the message names it.
    """
    try:
        tasks = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise DecisionsError(f"{path}: not JSON") from error
    if not isinstance(tasks, list):
        raise DecisionsError(f"{path}: not a list of tasks, which Label Studio exports as JSON")
    decisions = []
    for number, task in enumerate(tasks, start=1):
        where = f"{path}: task {number}"
        try:
            values = _annotated(task)
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            raise DecisionsError(f"{where} is none of Label Studio's, or lacks sha256") from error
        if values is not None:
            decisions.append(_decision(values, where))
    return _add(journal, decisions)


def _add(journal: Journal, decisions: Iterable[Decision]) -> int:
    standing, added = journal.current(), 0
    for decision in decisions:
        known = standing.get(decision.sha256)
        if known is not None and replace(known, time="") == replace(decision, time=""):
            continue
        standing[decision.sha256] = journal.decide(decision)
        added += 1
    return added


def _decision(values: Mapping[str, Any], where: str) -> Decision:
    try:
        return Decision.from_row(values)
    except DecisionsError as error:
        raise DecisionsError(f"{where}: {error}") from error


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode("utf-8-sig")
    except OSError as error:
        raise DecisionsError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DecisionsError(f"{path}: not UTF-8 text; save it as UTF-8") from error


def _joined(labels: Iterable[str]) -> str:
    return _SEPARATOR.join(re.sub(r"([\\;])", r"\\\1", label) for label in labels)


def _split(text: str) -> tuple[str, ...]:
    parts = re.findall(r"(?:[^\\;]|\\.?)+", text, re.DOTALL)
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def _task(number: int, decision: Decision) -> dict[str, Any]:
    data = {"image": decision.path, "sha256": decision.sha256}
    data |= {"by": decision.by, "time": decision.time}
    result = [_choices("action", [decision.action])]
    if decision.labels:
        result.append(_choices("labels", list(decision.labels)))
    if decision.reason:
        text = {"text": [decision.reason]}
        result.append(
            {"from_name": "reason", "to_name": "image", "type": "textarea", "value": text}
        )
    return {"id": number, "data": data, "annotations": [{"result": result}]}


def _choices(name: str, chosen: list[str]) -> dict[str, Any]:
    return {"from_name": name, "to_name": "image", "type": "choices", "value": {"choices": chosen}}


def _annotated(task: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of a decision from one task; None where nothing was decided."""
    data = task["data"]
    valid = [
        annotation
        for annotation in task.get("annotations", [])
        if not annotation.get("was_cancelled")
    ]
    if not valid or not valid[-1]["result"]:
        return None
    values: dict[str, Any] = {"sha256": data["sha256"], "path": data.get("image", "")}
    values |= {name: data[name] for name in ("by", "time") if name in data}
    if valid[-1].get("completed_by"):  # a person in Label Studio had the last word
        values |= {"by": "label studio", "time": str(valid[-1].get("updated_at", ""))}
    for entry in valid[-1]["result"]:
        value = entry["value"]
        if entry["from_name"] == "action":
            values["action"] = value["choices"][0]
        elif entry["from_name"] == "labels":
            values["labels"] = list(value["choices"])
        elif entry["from_name"] == "reason":
            values["reason"] = value["text"][0] if value["text"] else ""
    return values
