"""Every number that a command of pawlens leaves behind, read from its files by their endings.

Nothing of pawlens is imported, so that two versions of it are read in the same way. Everything is
collected, and what does not count is left out when two collections are compared: times, memory and
versions, which differ from run to run of one version, absolute paths, and the wording of
sentences, of which only the numbers are compared.
"""

from __future__ import annotations

import csv
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Values", "counted", "differences", "from_files", "from_json", "from_text"]

Values = dict[str, Any]
"""By name, a number, a word, or a list of them."""

# Parts of a flattened name that vary from run to run of the same version.
_VARIES = {
    "at", "cache folder", "from_jpeg", "libraries", "minutes", "pawlens", "peak_memory_mb",
    "photos_per_second", "processors", "python", "seconds", "speed", "system", "time", "time_s",
    "versions", "when",
}  # fmt: skip
# The page of experiments has a column of seconds; its other figures are in the JSON as well.
_PAGE_OF_TIMES = "experiments.html: numbers"
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ][\d:.+]+)?"
    r"|seconds: [\w ]+? \d+\.\d+|peak.memory\D*[\d.]+"
    r"|\d[\d.,]*\s?(?:s|ms|seconds|min|minutes|h|MB|GB)\b|(?:\d[\d.,]* )?photos/s.*",
    re.IGNORECASE,
)
_PROGRESS = re.compile(r"^pawlens: .*\d+ of \d+$", re.MULTILINE)
_SHOWN = 60  # characters
_PROSE = 2  # spaces from which on a text is a sentence


def from_json(value: Any, name: str = "") -> Values:
    """A JSON value as flat names."""
    if isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
        value = dict(enumerate(value))
    if not isinstance(value, Mapping):
        return {name or "value": value}
    flat: Values = {}
    for key, part in value.items():
        flat |= from_json(part, f"{name}.{key}" if name else str(key))
    return flat


def from_text(text: str) -> Values:
    """How often each number stands in a text; wording and order do not count."""
    kept = _TIMES.sub(" ", _PROGRESS.sub("", text))
    return {"numbers": dict(sorted(Counter(_NUMBER.findall(kept)).items()))}


def from_files(folder: Path, name: Path) -> Values:
    """All files below a folder, or one file; a file that cannot be compared is left out."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    values: Values = {}
    for path in files:
        shown = (name / path.relative_to(folder)).as_posix()
        if path.suffix in _READERS:
            read = _READERS[path.suffix](path)
            values |= {f"{shown}: {key}": value for key, value in read.items()}
    return values


def differences(before: Values, after: Values) -> tuple[list[str], list[str]]:
    """What differs or is gone, and what is new, in a line each."""
    before, after = counted(before), counted(after)
    differ = [
        line
        for name, old in before.items()
        for line in ([f"{name}: gone"] if name not in after else _unlike(name, old, after[name]))
    ]
    return differ, [name for name in after if name not in before]


def counted(values: Values) -> Values:
    """What is compared of the values of a command."""
    return {
        name: [_counted(part) for part in value] if isinstance(value, list) else _counted(value)
        for name, value in values.items()
        if not _VARIES.intersection(re.split(r": |[.]", name)) and not name.endswith(_PAGE_OF_TIMES)
    }


def _counted(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value.count(" ") >= _PROSE:
        return list(from_text(value)["numbers"].items())
    return "an absolute path" if Path(value).is_absolute() else value


def _unlike(name: str, old: Any, new: Any) -> Iterator[str]:
    if old == new or (isinstance(old, float) and isinstance(new, float) and old != old != new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        lost, gained = Counter(old) - Counter(new), Counter(new) - Counter(old)
        if lost:  # a page that says more than before still says the same numbers
            yield f"{name}: lost {_short(lost)}, gained {_short(gained)}"
        return
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(row, *pair) for row, pair in enumerate(zip(old, new, strict=True))]
        unlike = [pair for pair in pairs if pair[1] != pair[2] and str(pair[1]) != str(pair[2])]
        if unlike:
            row, first, second = unlike[0]
            rows = f"{len(unlike)} of {len(old)} rows, the first {row}"
            yield f"{name}: {rows}: {first!r} -> {second!r}{_largest(unlike)}"
        return
    yield f"{name}: {_short(old)} -> {_short(new)}"


def _largest(unlike: Sequence[tuple[int, Any, Any]]) -> str:
    gaps = [abs(a - b) for _, a, b in unlike if isinstance(a, float) and isinstance(b, float)]
    return f", at most {max(gaps):.3g} apart" if gaps else ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _json_file(path: Path) -> Values:
    return from_json(json.loads(path.read_text("utf-8")))


def _json_rows(path: Path) -> Values:
    lines = path.read_text("utf-8").splitlines()
    return from_json([json.loads(line) for line in lines])


def _lines(path: Path) -> Values:
    return {"lines": path.read_text("utf-8").splitlines()}


def _csv_columns(path: Path) -> Values:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {head: list(column) for head, *column in zip(*rows, strict=True)} if rows else {}


def _parquet_columns(path: Path) -> Values:
    import pyarrow.parquet as pq

    # JSON has no tuples and no NaN that equals itself: what is compared was written and read.
    columns = pq.read_table(path).to_pydict()
    return {name: json.loads(json.dumps(column, default=str)) for name, column in columns.items()}


def _page_numbers(path: Path) -> Values:
    text = path.read_text("utf-8")
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)
    return from_text(html.unescape(re.sub(r"<[^>]*>", " ", text)))


def _pixels(path: Path) -> Values:
    from PIL import Image

    with Image.open(path) as picture:
        return {"pixels": _digest([np.asarray(picture.convert("RGB")).tobytes()])}


def _weights(path: Path) -> Values:
    """What a model has learnt: its weights, apart from how its graph is written."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    arrays = [numpy_helper.to_array(part) for part in model.graph.initializer]
    learnt = sorted(array.tobytes() for array in arrays if array.size > 1)
    values: Values = {"weights": _digest(learnt)}
    for entry in model.metadata_props:
        if entry.value.startswith(("{", "[")):
            values |= from_json(json.loads(entry.value), entry.key)
    return values


def _digest(parts: Iterable[bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


_READERS: dict[str, Callable[[Path], Values]] = {
    ".csv": _csv_columns,
    ".html": _page_numbers,
    ".json": _json_file,
    ".jsonl": _json_rows,
    ".onnx": _weights,
    ".parquet": _parquet_columns,
    ".png": _pixels,
    ".yaml": _lines,
}
