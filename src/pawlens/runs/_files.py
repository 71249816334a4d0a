"""The files of a run folder: their names, their columns, and readers that refuse what is damaged.

Every reader raises a `RunError` of one line that names the file and says how to mend it; nobody
else opens these files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..base import check_sum, one_line, read_regular, read_table
from ..errors import RunError
from ._schemas import ChoiceSchema, EnvironmentSchema, MetricsSchema

if TYPE_CHECKING:
    import pyarrow as pa
    from pydantic import BaseModel

    from ..base import ColumnType

__all__ = [
    "CHOICE",
    "CLASSES",
    "CROISSANT",
    "DECISIONS",
    "ENVIRONMENT",
    "EXPLORATION",
    "HELD_OUT",
    "HISTORY",
    "LEARNT_FROM",
    "METRICS",
    "MODEL",
    "MODEL_CARD",
    "OOF",
    "PARITY",
    "PHOTOS",
    "PREDICTIONS",
    "RECIPE",
    "REFERENCE",
    "REFERENCE_MEASURES",
    "REPORT",
    "VERSION",
    "Facts",
    "check_version",
    "damaged",
    "read_choice",
    "read_classes",
    "read_environment",
    "read_history",
    "read_metrics",
    "read_oof",
    "read_parity",
    "read_photos",
    "read_recipe_values",
    "read_reference",
    "read_rows",
]

CHOICE = "choice.json"
CLASSES = "classes.json"
CROISSANT = "dataset.croissant.json"
DECISIONS = "decisions.jsonl"
ENVIRONMENT = "environment.json"
EXPLORATION = "explore.html"
HISTORY = "history.jsonl"
METRICS = "metrics.json"
MODEL = "model.onnx"
MODEL_CARD = "model-card.md"
OOF = "oof.parquet"
PARITY = "parity.json"
PHOTOS = "photos.parquet"
PREDICTIONS = "predictions.csv"
RECIPE = "recipe.yaml"
REFERENCE = "reference.parquet"
REPORT = "report.html"
"""Written last: a folder that has it holds a finished run."""

REFERENCE_MEASURES = ("brightness", "sharpness", "entropy", "pixels")
"""What is measured of each picture in ``reference.parquet``."""

VERSION = 1
"""Format of the folder: ``version`` in ``metrics.json``; a folder without one has version 1."""

LEARNT_FROM = ("train", "validates", "held out")
"""Roles of the photos that weights, choices or calibration of a run come from."""

HELD_OUT = ("valid", "test")
"""Splits of the user's that get numbers of their own and never train."""

_MEND = "copy the whole run folder again, or train the run again"
_PHOTO_COLUMNS: Mapping[str, ColumnType] = {
    "path": "text",
    "sha256": "text",
    "labels": "texts",
    "split": "text",
    "role": "text",
    "fold": "number",
    "group": "number",
    "given_group": "text",
    "given_labels": "texts",
    "decision": "text",
    "reason": "text",
    "findings": "texts",
}
_REFERENCE_COLUMNS: Mapping[str, ColumnType] = {
    "embedding": "numbers",
    "answer": "text",
    "brightness": "number",
    "sharpness": "number",
    "entropy": "number",
    "pixels": "number",
}
_OF_EVERY_VERSION = tuple(_PHOTO_COLUMNS)[:7]
_MAY_BE_EMPTY = ("split", "given_group", "given_labels", "labels", "findings", "decision", "reason")
_ROW_KEYS: Mapping[str, tuple[str, ...]] = {
    "train": ("phase", "epoch", "epochs"),
    "rates": ("phase", "rates"),
    "find_rate": ("rate", "loss", "curves", "suggestions", "chosen"),
    "clean": ("set_aside", "below"),
}

Shape = TypeVar("Shape", bound="BaseModel")


class Facts(dict[str, Any]):
    """The values of one file; asking for a missing key raises a `RunError` that names it."""

    def __init__(self, path: Path, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._path = path

    def __missing__(self, key: str) -> Any:
        raise damaged(self._path, f"{key!r} is missing")


def damaged(path: Path, what: str) -> RunError:
    """Make the error that says what is wrong with a file, and how to mend it."""
    return RunError(f"{path}: missing or damaged ({what}); {_MEND}")


def check_version(folder: Path) -> None:
    """Refuse the folder of a newer pawlens; other faults of the file are left to its reader.

    Raises
    ------
    RunError
    """
    try:
        values = json.loads(_text(folder / METRICS))
    except (RunError, ValueError, RecursionError):
        return
    version = values.get("version", 1) if isinstance(values, dict) else 1
    if isinstance(version, int) and version > VERSION:
        raise RunError(
            f"{folder}: written by a newer pawlens (format {version}, this one reads up to "
            f"{VERSION}); update pawlens"
        )


def read_choice(folder: Path) -> Facts | None:
    """Read ``choice.json``; None where a person named the backbones."""
    path = folder / CHOICE
    return _facts(path, ChoiceSchema) if path.exists() else None


def read_classes(folder: Path) -> list[str]:
    """Read the class names, in the order of the probabilities."""
    path = folder / CLASSES
    names = _json(path)
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise damaged(path, "no list of class names")
    if len(set(names)) < len(names):
        raise damaged(path, "a class stands twice")
    return names


def read_metrics(folder: Path) -> Facts:
    """Read ``metrics.json``, with its intervals and counts checked."""
    return _facts(folder / METRICS, MetricsSchema)


def read_environment(folder: Path) -> Facts:
    """Read ``environment.json``; the values that other commands use are checked."""
    return _facts(folder / ENVIRONMENT, EnvironmentSchema)


def read_parity(folder: Path) -> Facts:
    """Read ``parity.json``; its figures are for people, and none of them is checked."""
    path = folder / PARITY
    values = _json(path)
    if not isinstance(values, dict):
        raise damaged(path, "no JSON object")
    return Facts(path, values)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the rows of a file with one JSON object a line."""
    rows = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise damaged(path, f"line {number} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise damaged(path, f"line {number} is no JSON object")
        rows.append(row)
    return rows


def read_history(folder: Path) -> list[dict[str, Any]]:
    """Read the rows of ``history.jsonl``; rows of phases are checked for what plots show."""
    path = folder / HISTORY
    rows = read_rows(path)
    for number, row in enumerate(rows, start=1):
        missing = [key for key in _ROW_KEYS.get(str(row.get("do")), ()) if key not in row]
        if missing:
            raise damaged(path, f"line {number}: {missing[0]!r} is missing")
    return rows


def read_recipe_values(folder: Path) -> dict[str, Any]:
    """Read ``recipe.yaml`` as plain values; an ensemble's file describes how it was made."""
    import yaml

    path = folder / RECIPE
    try:
        values = yaml.safe_load(_text(path))
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise damaged(path, f"no YAML: {one_line(error)}") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise damaged(path, "not a recipe")
    return values


def read_photos(folder: Path, also: Sequence[str] = ()) -> pa.Table:
    """Read ``photos.parquet``: the columns that every version has, and those in `also`."""
    names = dict.fromkeys((*_OF_EVERY_VERSION, *also))
    return _table(folder / PHOTOS, {name: _PHOTO_COLUMNS[name] for name in names})


def read_oof(folder: Path, classes: Sequence[str]) -> pa.Table:
    """Read ``oof.parquet``: path, label, fold and a probability for each class."""
    path = folder / OOF
    shares: dict[str, ColumnType] = {f"p:{name}": "number" for name in classes}
    table = _table(path, shares | {"path": "text", "label": "text", "fold": "number"})
    for name in shares:
        values = table[name].to_numpy()
        if not np.all((values >= 0) & (values <= 1)):
            raise damaged(path, f"column {name!r} holds what is no probability")
    if not len(table):
        raise damaged(path, "it has no rows")
    if "answer" not in table.column_names:  # with several labels they stand in one text
        unknown = set(table["label"].to_pylist()) - set(classes)
        if unknown:
            raise damaged(path, f"{min(unknown)!r} in column 'label' is no class of the run")
    return table


def read_reference(folder: Path, classes: Sequence[str]) -> pa.Table:
    """Read ``reference.parquet``: what photos of the run are like, none of them named."""
    path = folder / REFERENCE
    table = _table(path, _REFERENCE_COLUMNS)
    widths = set(table["embedding"].combine_chunks().value_lengths().to_pylist())
    if len(widths) != 1:
        raise damaged(path, "rows of column 'embedding' differ in length")
    if not np.isfinite(table["embedding"].combine_chunks().flatten().to_numpy()).all():
        raise damaged(path, "column 'embedding' holds what is no number")
    unknown = set(table["answer"].to_pylist()) - set(classes)
    if unknown:
        raise damaged(path, f"{min(unknown)!r} in column 'answer' is no class of the run")
    return table


def _facts(path: Path, shape: type[Shape]) -> Facts:
    from pydantic import ValidationError

    values = _json(path)
    if not isinstance(values, dict):
        raise damaged(path, "no JSON object")
    try:
        shape.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise damaged(path, f"{key}: {first['msg']}" if key else first["msg"]) from error
    return Facts(path, values)


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"no JSON: {error}") from error


def _text(path: Path) -> str:
    _check(path)
    try:
        return read_regular(path).decode()
    except OSError as error:
        raise damaged(path, str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise damaged(path, "not UTF-8") from error


def _table(path: Path, columns: Mapping[str, ColumnType]) -> pa.Table:
    """A Parquet file with these columns, each of its type and without gaps where it has to be."""
    _check(path)
    try:
        return read_table(path, columns, gaps=_MAY_BE_EMPTY)
    except ValueError as error:
        raise damaged(path, str(error)) from error


def _check(path: Path) -> None:
    try:
        check_sum(path)
    except ValueError as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        raise damaged(path, str(error.strerror)) from error
