"""An audit as files: ``audit.json``, ``audit.parquet`` and ``audit.html``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audit import KINDS, Audit
from ..base import make_folder, write_atomic
from ..errors import RunError
from ..pages import render_audit

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["audit_columns", "write_audit"]

_VERSION = 1


def write_audit(audit: Audit, folder: Path, *, source: str | Path | None = None) -> Path:
    """Write an audit; decisions that lie in the folder stay.

    Parameters
    ----------
    audit : Audit
    folder : Path
        Created if it is missing; what an earlier audit wrote there is replaced. Broken off in
        between, the folder holds no ``audit.json``, so that nobody takes it for an audit.
    source : path, optional
        What `Photos.read` was given, for whoever goes on from here: a list says more than the
        folder that it lies in.

    Returns
    -------
    Path
        The page, which is written last.

    Raises
    ------
    RunError
        The folder lies among the photos, or cannot be written.
    """
    location = audit.photos.location.resolve()
    if location.is_dir() and location != Path.cwd() and folder.resolve().is_relative_to(location):
        raise RunError(f"{folder}: lies among the photos; choose another folder with --out")
    make_folder(folder)
    page, facts_file = folder / "audit.html", folder / "audit.json"
    _remove(page, facts_file)  # the table must never be read with the facts of another audit
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(audit_columns(audit)), sink, compression="zstd")
    write_atomic(folder / "audit.parquet", sink.getvalue().to_pybytes())
    facts = json.dumps(_facts(audit, source), ensure_ascii=False, indent=2) + "\n"
    write_atomic(facts_file, facts.encode())
    write_atomic(page, render_audit(audit).encode())
    return page


def _remove(*paths: Path) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(
                f"{path}: cannot be replaced ({error.strerror}); choose another folder with --out"
            ) from error


def audit_columns(audit: Audit) -> dict[str, Any]:
    """Return the columns of the tidy table as pyarrow arrays, one entry a photo."""
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
    for kind in KINDS:
        detection = audit.detections.get(kind.name)
        nothing = np.full(len(photos), np.nan)
        score = nothing if detection is None else detection.score
        columns[f"{kind.name}_score"] = pa.array(score.astype(np.float32), mask=np.isnan(score))
        flags = np.zeros(len(photos), bool) if detection is None else detection.found
        columns[f"is_{kind.name}"] = pa.array(flags)
    columns["reasons"] = pa.array(_reasons(audit), pa.list_(pa.string()))
    columns["suspicion"] = pa.array(suspicion(audit).astype(np.float32))
    columns["suggestion"] = pa.array(_suggestions(audit))
    columns["border"] = pa.array(_borders(audit), pa.list_(pa.int32()))
    columns["neighbours"] = pa.array(audit.neighbours, pa.list_(pa.int32()))
    for number, name in enumerate(audit.classes):
        proba = np.full(len(photos), np.nan)
        if audit.beliefs is not None:
            proba = audit.beliefs.proba[:, number]
        columns[f"p:{name}"] = pa.array(proba.astype(np.float32), mask=np.isnan(proba))
    return columns


def suspicion(audit: Audit) -> npt.NDArray[np.float64]:
    """Return the largest weighted score of each photo, float64 (n,)."""
    weighted = [
        kind.weight * np.nan_to_num(audit.detections[kind.name].score)
        for kind in KINDS
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
    """Return the suggestion of each photo's most suspicious kind, or "" where it has none."""
    weight = {kind.name: kind.weight for kind in KINDS}
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
        [look.left, look.top, look.right, look.bottom] if look is not None and look.width else None
        for look in audit.looks
    ]


def _facts(audit: Audit, source: str | Path | None) -> dict[str, Any]:
    labels = [photo.label for photo in audit.photos]
    return {
        "version": _VERSION,
        "photos": str(Path(source or audit.photos.location).resolve()),
        "name": audit.photos.name,
        "classes": audit.classes,
        "backbones": audit.backbones,
        "counts": audit.counts,
        "left_out": audit.left_out,
        "photos_of_class": {name: labels.count(name) for name in audit.classes},
        "imbalance": imbalance(audit),
        "wrong_labels": None if audit.beliefs is None else round(audit.beliefs.noise, 5),
        "seconds": audit.seconds,
    }


def imbalance(audit: Audit) -> float | None:
    """Divide the size of the largest class by the smallest; None without two classes."""
    labels = [photo.label for photo in audit.photos]
    counts = [labels.count(name) for name in audit.classes]
    if len(counts) < 2:
        return None
    return round(max(counts) / max(min(counts), 1), 3)
