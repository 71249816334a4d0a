"""New photos with the answers of a model: answered now, or read from the record of a server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, check_columns, one_line, tell
from ..errors import PhotosError, UsageError
from ..models import Model
from ..photos import Photos, PhotosLike, as_photos
from ..trust import NEITHER, project
from ._reference import REFERENCE_PHOTOS, picture_measures

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Singles = npt.NDArray[np.float32]

__all__ = ["Arrivals", "answer_arrivals", "is_record", "read_record"]

_RECORD = ("time", "sha256", "status", "probabilities", "model_sha256")


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """New photos and the answers to them; n is the number of those that could be read.

    Attributes
    ----------
    paths : list of str, length n
    proba : ndarray of float64, shape (n, K)
    unreadable : list of (path, reason)
    looked_at : ndarray of int64, shape (m,)
        Rows whose features are there: a random sample of at most 1,000.
    features : ndarray of float32, shape (m, D)
        Features from `project`; m is 0 where there are none.
    measures : dict of str to ndarray of float64, shape (m,)
        From `picture_measures`; empty where there are none.
    days : list of str, length n
        The day of each answer; empty for photos that are answered now.
    photos : Photos or None
        The photos themselves, row by row.
    lacking : str
        Why there are no features; empty where there are.
    neither : ndarray of float64, shape (n,), or None
        The model's own score of *neither*; None where it has none.
    false_alarms : float or None
        Share of photos like those of training that the model may call neither.
    """

    paths: list[str]
    proba: Floats
    unreadable: list[tuple[str, str]]
    looked_at: Ints
    features: Singles
    measures: dict[str, Floats] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    photos: Photos | None = None
    lacking: str = ""
    neither: Floats | None = None
    false_alarms: float | None = None


def answer_arrivals(
    photos: PhotosLike,
    model: Model,
    *,
    since: datetime | None,
    seed: int,
    cache_dir: Path | None,
    progress: Progress | None,
) -> Arrivals:
    """Answer new photos, and look closely at a sample of them.

    Raises
    ------
    PhotosError
        No photo can be read, or none is as new as asked.
    UsageError
        The photos have no time of their own by which the older ones could be left out.
    """
    table = as_photos(photos, labels=False)
    if since is not None:
        table = _newer(table, since)
    answers = model.answer(table, progress=progress)
    kept = [row for row, status in enumerate(answers.status) if status == "ok"]
    if not kept:
        raise PhotosError(f"{table.location}: no photo can be read, so that none can be compared")
    readable = table.subset(kept)
    sample = np.random.default_rng(seed).permutation(len(kept))[:REFERENCE_PHOTOS]
    looked = readable.subset(sample.tolist())
    found = model.embed(looked, progress=progress)
    seen = np.flatnonzero(~np.isnan(found.values).any(axis=1))
    widths = [spec.feature_dim for spec in model.facts.backbones]
    measures = picture_measures(looked, cache_dir=cache_dir, progress=progress)
    return Arrivals(
        paths=[answers.paths[row] for row in kept],
        proba=answers.proba[kept],
        unreadable=answers.unreadable,
        looked_at=sample[seen],
        features=project(found.values[seen], widths),
        measures={name: values[seen] for name, values in measures.items()},
        photos=readable,
        neither=None if answers.neither is None else answers.neither[kept],
        false_alarms=model.answer_rules.false_alarms,
    )


def _newer(table: Photos, since: datetime) -> Photos:
    if not table.location.is_dir():
        raise UsageError(
            f"{table.location}: --since goes by the files' own times, which only a folder has; "
            "unpack it, or leave --since out"
        )
    changed = [(table.location / path).stat().st_mtime for path in table.paths]
    rows = [row for row, when in enumerate(changed) if when >= since.timestamp()]
    if not rows:
        raise PhotosError(f"{table.location}: no photo is newer than {since:%Y-%m-%d %H:%M}")
    return table.subset(rows)


def is_record(path: object) -> bool:
    """Whether a path is a folder that ``pawlens serve --record`` wrote, or one part of it."""
    if not isinstance(path, str | os.PathLike):
        return False
    parts = _parts(Path(path))
    if not parts:
        return False
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return set(_RECORD) <= set(pq.read_schema(parts[0]).names)
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
    others, parts = 0, _parts(path)
    for done, part in enumerate(parts, start=1):
        for row in _read_part(part).to_pylist():
            if since is not None and row["time"] < since:
                continue
            if model.sha256 and row["model_sha256"] != model.sha256:
                others += 1
                continue
            if row["status"] != "ok":
                unreadable.append((row["sha256"], row["status"]))
                continue
            key = row["time"].astimezone(UTC).date().isoformat(), row["sha256"]
            if key not in rows:
                rows[key] = len(proba)
                told = dict(row["probabilities"])
                proba.append([float(told.get(name, np.nan)) for name in model.classes_])
                neither.append(float(dict(row.get("scores") or ()).get(NEITHER, np.nan)))
                if row.get("embedding") is not None:
                    looks[row["sha256"]] = rows[key], np.array(row["embedding"], np.float32)
        looks = {sha: looks[sha] for sha in sorted(looks)[:REFERENCE_PHOTOS]}
        tell(progress, "reading the record", done, len(parts))
    table = np.array(proba, np.float64).reshape(len(proba), len(model.classes_))
    if not len(table) or np.isnan(table).any():
        why = f"; {others} answers are of another model" if others else ""
        raise PhotosError(f"{path}: no answers of this model in the record{why}")
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


def _read_part(part: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(part)
        check_columns(table, {"sha256": "text", "status": "text", "model_sha256": "text"})
        kinds = {name: table.schema.field(name).type for name in _RECORD}
        if not pa.types.is_timestamp(kinds["time"]) or not pa.types.is_map(kinds["probabilities"]):
            raise ValueError("time or probabilities are of another type")
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        raise PhotosError(
            f"{part}: no part of a server's record ({one_line(error)}); take it out of the folder"
        ) from error
    return table
