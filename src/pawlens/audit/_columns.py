"""An audit as one tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from ._audit import Audit

__all__ = ["audit_table"]


def audit_table(found: Audit) -> pa.Table:
    """The tidy table of an audit, one row a photo."""
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
    columns["suspicion"] = pa.array(suspicion(found).astype(np.float32))
    columns["suggestion"] = pa.array(_suggestions(found))
    columns["border"] = pa.array(_borders(found), pa.list_(pa.int32()))
    columns["neighbours"] = pa.array(found.neighbours, pa.list_(pa.int32()))
    for number, name in enumerate(found.classes):
        own = np.full(len(photos), np.nan)
        if found.beliefs is not None:
            own = found.beliefs.proba[:, number]
        columns[f"p:{name}"] = pa.array(own.astype(np.float32), mask=np.isnan(own))
    return pa.table(columns)


def suspicion(found: Audit) -> npt.NDArray[np.float64]:
    """The largest weighted score of each photo, float64 [n]."""
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
        [look.left, look.top, look.right, look.bottom] if look is not None and look.width else None
        for look in found.looks
    ]
