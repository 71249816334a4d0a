"""What an audit tells of each photo and of all of them, as columns and facts of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._audit import Audit

__all__ = ["audit_columns", "audit_facts"]


def audit_columns(found: Audit) -> dict[str, Any]:
    """The tidy table, a pyarrow array a column, one entry a photo."""
    import pyarrow as pa

    photos, scans = found.photos, found.scans
    columns: dict[str, Any] = {
        "path": pa.array(photos.paths),
        "sha256": pa.array([scan.sha256 for scan in scans]),
        "labels": pa.array([list(photo.labels) for photo in photos], pa.list_(pa.string())),
        "split": pa.array([photo.split for photo in photos], pa.string()),
        "role": pa.array(found.role),
        "group": pa.array(found.group),
        "width": pa.array([scan.width for scan in scans], pa.int32()),
        "height": pa.array([scan.height for scan in scans], pa.int32()),
        "format": pa.array([scan.format for scan in scans]),
    }
    for kind in found.kinds:
        one = found.detections.get(kind.name)
        nothing = np.full(len(photos), np.nan)
        score = nothing if one is None else one.score
        columns[f"{kind.name}_score"] = pa.array(score.astype(np.float32), mask=np.isnan(score))
        flags = np.zeros(len(photos), bool) if one is None else one.found
        columns[f"is_{kind.name}"] = pa.array(flags)
    columns["reasons"] = pa.array(_reasons(found), pa.list_(pa.string()))
    columns["suspicion"] = pa.array(_suspicion(found).astype(np.float32))
    columns["suggestion"] = pa.array(_suggestions(found))
    columns["border"] = pa.array(_borders(found), pa.list_(pa.int32()))
    columns["neighbours"] = pa.array(found.neighbours, pa.list_(pa.int32()))
    for number, name in enumerate(found.classes):
        own = np.full(len(photos), np.nan)
        if found.beliefs is not None:
            own = found.beliefs.proba[:, number]
        columns[f"p:{name}"] = pa.array(own.astype(np.float32), mask=np.isnan(own))
    return columns


def _suspicion(found: Audit) -> npt.NDArray[np.float64]:
    """The largest weighted score of each photo, float64 (n,)."""
    weighted = [
        kind.weight * np.nan_to_num(found.detections[kind.name].score)
        for kind in found.kinds
        if kind.name in found.detections
    ]
    return np.asarray(np.max(weighted, axis=0))


def _reasons(found: Audit) -> list[list[str]]:
    reasons: list[list[str]] = [[] for _ in found.photos]
    for kind, one in found.detections.items():
        for row, why in one.why.items():
            reasons[row].append(f"{kind.replace('_', ' ')}: {why}")
    return reasons


def _suggestions(found: Audit) -> list[str]:
    """What the most suspicious kind suggests; no new label where the photo shows both or none."""
    weight = {kind.name: kind.weight for kind in found.kinds}
    chosen = [""] * len(found.photos)
    best = np.zeros(len(found.photos))
    doubtful = np.zeros(len(found.photos), bool)
    for kind in ("both", "neither"):
        if kind in found.detections:
            doubtful |= found.detections[kind].found
    for kind, one in found.detections.items():
        for row, suggestion in one.suggestion.items():
            strength = weight[kind] * one.score[row]
            if strength > best[row] and not (kind == "label_error" and doubtful[row]):
                chosen[row], best[row] = suggestion, strength
    return chosen


def _borders(found: Audit) -> list[list[int] | None]:
    return [
        [photo.left, photo.top, photo.right, photo.bottom] if photo and photo.width else None
        for photo in found.appearances
    ]


def audit_facts(found: Audit, source: str | Path | None = None) -> dict[str, Any]:
    """What ``audit.json`` has beside its version; `source` is what was named to be audited."""
    labels = [photo.label for photo in found.photos]
    return {
        "photos": str(Path(source or found.photos.location).resolve()),
        "name": found.photos.name,
        "classes": found.classes,
        "backbones": found.backbones,
        "counts": found.counts,
        "left_out": found.left_out,
        "photos_of_class": {name: labels.count(name) for name in found.classes},
        "imbalance": _imbalance(found),
        "wrong_labels": None if found.beliefs is None else round(found.beliefs.noise, 5),
        "seconds": found.seconds,
    }


def _imbalance(found: Audit) -> float | None:
    """Photos of the largest class by those of the smallest; None without two classes."""
    labels = [photo.label for photo in found.photos]
    counts = [labels.count(name) for name in found.classes]
    if len(counts) < 2:
        return None
    return round(max(counts) / max(min(counts), 1), 3)
