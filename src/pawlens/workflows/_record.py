"""The record of a server, read as new photos with their answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Progress, check_columns, one_line, tell
from ..errors import PhotosError
from ..models import Model
from ..trust import NEITHER, project
from ._arrivals import Arrivals
from ._reference import REFERENCE_PHOTOS

if TYPE_CHECKING:
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]

__all__ = ["is_record", "read_record"]

_COLUMNS = ("time", "sha256", "status", "probabilities", "model_sha256")


@dataclass(frozen=True)
class _Row:
    """One answer of a record, checked."""

    time: datetime
    sha256: str
    status: str
    model_sha256: str
    probabilities: Mapping[str, float]
    neither: float
    embedding: Singles | None


def is_record(path: object) -> bool:
    """Whether a path is a folder that ``pawlens serve --record`` wrote, or one part of it."""
    if not isinstance(path, str | os.PathLike):
        return False
    return any(_is_part(part) for part in _parts(Path(path)))  # a damaged one may be the first


def _is_part(part: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return set(_COLUMNS) <= set(pq.read_schema(part).names)
    except (OSError, pa.ArrowException):
        return False


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.parquet"))
    return [path] if path.suffix == ".parquet" and path.is_file() else []


def read_record(
    path: Path,
    model: Model,
    *,
    since: datetime | None,
    progress: Progress | None,
) -> Arrivals:
    """Read the answers that a server noted; a photo that was sent again counts once a day.

    Answers of another model are left out, as are those before `since`.

    Raises
    ------
    PhotosError
        A part is damaged, or there is no answer of this model, or none as new as asked.
    """
    rows: dict[tuple[str, str], int] = {}
    proba: list[list[float]] = []
    neither: list[float] = []
    looks: dict[str, tuple[int, Singles]] = {}  # by content, whose hashes are in random order
    unreadable: list[tuple[str, str]] = []
    others, older, parts = 0, 0, _parts(path)
    for done, part in enumerate(parts, start=1):
        for row in _read_part(part):
            if model.sha256 and row.model_sha256 != model.sha256:
                others += 1
                continue
            if since is not None and row.time < since:
                older += 1
                continue
            if row.status != "ok":
                unreadable.append((row.sha256, row.status))
                continue
            key = row.time.astimezone(UTC).date().isoformat(), row.sha256
            if key not in rows:
                rows[key] = len(proba)
                proba.append([row.probabilities.get(name, np.nan) for name in model.classes_])
                neither.append(row.neither)
                if row.embedding is not None:
                    looks[row.sha256] = rows[key], row.embedding
        looks = {sha: looks[sha] for sha in sorted(looks)[:REFERENCE_PHOTOS]}
        tell(progress, "reading the record", done, len(parts))
    table = np.array(proba, np.float64).reshape(len(proba), len(model.classes_))
    if not len(table) or np.isnan(table).any():
        raise PhotosError(f"{path}: {_why_none(others, older, since)}")
    widths = [spec.feature_dim for spec in model.facts.backbones]
    if any(len(values) != sum(widths) for _, values in looks.values()):
        raise PhotosError(f"{path}: features in the record are not those of this model")
    values = [features for _, features in looks.values()]
    return Arrivals(
        paths=[sha for _, sha in rows],
        proba=table,
        unreadable=unreadable,
        looked_at=np.array([row for row, _ in looks.values()], np.int64),
        features=project(np.stack(values), widths) if looks else np.empty((0, 0), np.float32),
        days=[day for day, _ in rows],
        lacking="" if looks else "the record has no features",
        neither=None if np.isnan(neither).any() else np.array(neither),
        false_alarms=model.answer_rules.false_alarms,
    )


def _why_none(others: int, older: int, since: datetime | None) -> str:
    if since is not None and older:
        return f"no answer is newer than {since:%Y-%m-%d %H:%M}; name an earlier time with --since"
    why = f"; {others} answers are of another model" if others else ""
    return f"no answers of this model in the record{why}"


def _read_part(part: Path) -> list[_Row]:
    """Read a part of a record, each of its rows checked.

    Raises
    ------
    PhotosError
        It is no part of a record, or a row is none that a server writes.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(part)
        check_columns(table, {"sha256": "text", "status": "text", "model_sha256": "text"})
        kinds = {name: table.schema.field(name).type for name in _COLUMNS}
        if not pa.types.is_timestamp(kinds["time"]) or not pa.types.is_map(kinds["probabilities"]):
            raise ValueError("time or probabilities are of another type")
        return list(_rows(table))
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, OverflowError) as error:
        raise PhotosError(
            f"{part}: no part of a server's record ({one_line(error)}); take it out of the folder"
        ) from error


def _rows(table: Any) -> Iterator[_Row]:
    for number, row in enumerate(table.to_pylist(), start=1):
        try:
            yield _checked(row)
        except (TypeError, ValueError) as error:
            raise ValueError(f"row {number}: {error}") from error


def _checked(row: Mapping[str, Any]) -> _Row:
    if row["time"] is None or row["time"].tzinfo is None:
        raise ValueError("its time, or the zone of it, is missing")
    told = {name: float(value) for name, value in row["probabilities"] or ()}
    if not all(0 <= value <= 1 for value in told.values()):
        raise ValueError("a probability lies outside 0 to 1")
    score = dict(row.get("scores") or ()).get(NEITHER)
    features = row.get("embedding")
    embedding = None if features is None else np.array(features, np.float32)
    if embedding is not None and not np.isfinite(embedding).all():
        raise ValueError("a feature is no finite number")
    return _Row(
        row["time"],
        row["sha256"],
        row["status"],
        row["model_sha256"],
        told,
        np.nan if score is None else float(score),
        embedding,
    )
