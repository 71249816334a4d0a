"""What an audit tells of each photo and of all of them, as columns and facts of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..photos import place_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._audit import Audit

__all__ = ["audit_columns", "audit_facts"]


def audit_columns(audit: Audit) -> dict[str, Any]:
    """The tidy table, a pyarrow array a column, one entry a photo."""
    import pyarrow as pa

    photos, scans = audit.photos, audit.scans
    columns: dict[str, Any] = {
        "path": pa.array(photos.paths),
        "sha256": pa.array([scan.sha256 for scan in scans]),
        "labels": pa.array([list(photo.labels) for photo in photos], pa.list_(pa.string())),
        "split": pa.array([photo.split for photo in photos], pa.string()),
        "role": pa.array(audit.role),
        "group": pa.array(audit.group),
        "width": pa.array([scan.width for scan in scans], pa.int32()),
        "height": pa.array([scan.height for scan in scans], pa.int32()),
        "format": pa.array([scan.format for scan in scans]),
    }
    for kind in audit.kinds:
        detection = audit.detections.get(kind.name)
        nothing = np.full(len(photos), np.nan)
        score = nothing if detection is None else detection.score
        columns[f"{kind.name}_score"] = pa.array(score.astype(np.float32), mask=np.isnan(score))
        flags = np.zeros(len(photos), bool) if detection is None else detection.found
        columns[f"is_{kind.name}"] = pa.array(flags)
    columns["reasons"] = pa.array(_reasons(audit), pa.list_(pa.string()))
    columns["suspicion"] = pa.array(_suspicion(audit).astype(np.float32))
    columns["suggestion"] = pa.array(_suggestions(audit))
    columns["border"] = pa.array(_borders(audit), pa.list_(pa.int32()))
    columns["neighbours"] = pa.array(audit.neighbours, pa.list_(pa.int32()))
    for number, name in enumerate(audit.classes):
        proba = np.full(len(photos), np.nan)
        if audit.beliefs is not None:
            proba = audit.beliefs.proba[:, number]
        columns[f"p:{name}"] = pa.array(proba.astype(np.float32), mask=np.isnan(proba))
    return columns


def _suspicion(audit: Audit) -> npt.NDArray[np.float64]:
    """The largest weighted score of each photo, float64 (n,)."""
    weighted = [
        kind.weight * np.nan_to_num(audit.detections[kind.name].score)
        for kind in audit.kinds
        if kind.name in audit.detections
    ]
    return np.asarray(np.max(weighted, axis=0))


def _reasons(audit: Audit) -> list[list[str]]:
    reasons: list[list[str]] = [[] for _ in audit.photos]
    for kind, detection in audit.detections.items():
        for row, why in detection.why.items():
            reasons[row].append(f"{kind.replace('_', ' ')}: {why}")
    return reasons


def _suggestions(audit: Audit) -> list[str]:
    """What the most suspicious kind suggests; no new label where the photo shows both or none."""
    weight = {kind.name: kind.weight for kind in audit.kinds}
    chosen = [""] * len(audit.photos)
    best = np.zeros(len(audit.photos))
    doubtful = np.zeros(len(audit.photos), bool)
    for kind in ("both", "neither"):
        if kind in audit.detections:
            doubtful |= audit.detections[kind].found
    for kind, detection in audit.detections.items():
        for row, suggestion in detection.suggestion.items():
            strength = weight[kind] * detection.score[row]
            if strength > best[row] and not (kind == "label_error" and doubtful[row]):
                chosen[row], best[row] = suggestion, strength
    return chosen


def _borders(audit: Audit) -> list[list[int] | None]:
    return [
        [photo.left, photo.top, photo.right, photo.bottom] if photo and photo.width else None
        for photo in audit.appearances
    ]


def audit_facts(audit: Audit, source: str | Path | None = None) -> dict[str, Any]:
    """What ``audit.json`` has beside its version; `source` is what was named to be audited."""
    labels = [photo.label for photo in audit.photos]
    return {
        "photos": place_of(source or audit.photos.location),
        "name": audit.photos.name,
        "classes": audit.classes,
        "backbones": audit.backbones,
        "counts": audit.counts,
        "left_out": audit.left_out,
        "photos_of_class": {name: labels.count(name) for name in audit.classes},
        "imbalance": _imbalance(audit),
        "wrong_labels": None if audit.beliefs is None else round(audit.beliefs.noise, 5),
        "seconds": audit.seconds,
    }


def _imbalance(audit: Audit) -> float | None:
    """Photos of the largest class by those of the smallest; None without two classes."""
    labels = [photo.label for photo in audit.photos]
    counts = [labels.count(name) for name in audit.classes]
    if len(counts) < 2:
        return None
    return round(max(counts) / max(min(counts), 1), 3)
