"""Values and columns of the files that every run has, whatever made it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Interval, confusion, estimate_place
from ..photos import Finding, Table
from ._files import VERSION

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = [
    "metrics_values",
    "one_label_values",
    "oof_columns",
    "photo_columns",
    "plain_metrics",
    "proof_rows",
    "provenance",
    "seconds_in_words",
]

_PROVEN_ON = 64  # photos


def proof_rows(rows: Ints, seed: int) -> Ints:
    """Up to 64 of the rows, drawn at random and sorted: the photos that prove an exported graph."""
    count = min(_PROVEN_ON, len(rows))
    return np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))


def plain_metrics(metrics: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    """Metrics as plain values."""
    return {name: asdict(interval) for name, interval in metrics.items()}


def metrics_values(
    *,
    out_of_fold: Mapping[str, Interval],
    held_out: Mapping[str, Mapping[str, Interval]],
    photos: Mapping[str, int],
    decisions: Mapping[str, int],
    folds: int,
    evaluated: int,
    on: str,
    head: str,
) -> dict[str, Any]:
    """What ``metrics.json`` has in every run.

    Parameters
    ----------
    out_of_fold : mapping of str to Interval
    held_out : mapping of str to mapping of str to Interval
        By split.
    photos : mapping of str to int
        How many there are of each role.
    decisions : mapping of str to int
        How many there are of each action.
    folds : int
    evaluated : int
        Photos behind the out-of-fold metrics.
    on : str
        What these were measured on, in words.
    head : str
        In words.
    """
    return {
        "version": VERSION,
        "out_of_fold": plain_metrics(out_of_fold),
        "held_out": {split: plain_metrics(metrics) for split, metrics in held_out.items()},
        "photos": dict(photos),
        "decisions": dict(decisions),
        "folds": folds,
        "evaluated": {"photos": evaluated, "on": on},
        "head": head,
    }


def one_label_values(
    label: Ints, proba: Floats, classes: Sequence[str], metrics: Mapping[str, Interval]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ``metrics.json`` has where photos have one label: the confusion, and Kaggle's place.

    Parameters
    ----------
    label : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
    classes : sequence of str, length K
    metrics : mapping of str to Interval
        The metrics of these probabilities.

    Returns
    -------
    confusion : dict
    place : dict
        Empty where the photos are not those of the competition.
    """
    place = estimate_place(classes, metrics)
    return (
        {"confusion": confusion(label, proba).tolist()},
        {} if place is None else {"kaggle": asdict(place)},
    )


def photo_columns(
    table: Table, *, roles: Sequence[str], left_out: Ints, findings: Iterable[Finding]
) -> dict[str, Any]:
    """Columns of ``photos.parquet``.

    Parameters
    ----------
    table : Table
    roles : sequence of str
        What each photo is for.
    left_out : ndarray of int64
        Rows on which what ships did not train.
    findings : iterable of Finding
    """
    by_path: dict[str, list[str]] = {}
    for finding in findings:
        text = sys.intern(f"{finding.kind}: {finding.detail}")
        by_path.setdefault(finding.path, []).append(text)
    return {
        "path": table.photos.paths,
        "sha256": [scan.sha256 for scan in table.scans],
        "labels": [photo.labels for photo in table.photos],
        "given_labels": table.given,
        "decision": table.decisions,
        "split": [photo.split for photo in table.photos],
        "role": roles,
        "reason": table.reason,
        "fold": table.fold,
        "left_out": np.isin(np.arange(len(table.photos)), left_out),
        "group": table.group,
        "given_group": [photo.group for photo in table.photos],
        "width": [scan.width for scan in table.scans],
        "height": [scan.height for scan in table.scans],
        "format": [scan.format for scan in table.scans],
        "findings": [by_path.get(path, []) for path in table.photos.paths],
    }


def oof_columns(
    paths: Sequence[str],
    labels: Sequence[str],
    fold: Ints,
    classes: Sequence[str],
    proba: Floats,
    neither: Floats | None = None,
) -> dict[str, Any]:
    """Columns of ``oof.parquet``: each photo's label, fold, and probability (n, K) by class.

    Where the run has an answer *neither*, `neither` is the score of each photo.
    """
    columns: dict[str, Any] = {"path": paths, "label": labels, "fold": fold}
    columns |= {f"p:{name}": proba[:, number] for number, name in enumerate(classes)}
    return columns if neither is None else columns | {"neither_score": neither}


def provenance(parity: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says of the proof of its model and of the machine: fields of `ReportData`."""
    return {
        "parity": {name: value for name, value in parity.items() if name != "limits"},
        "environment": {k: v for k, v in facts.items() if k not in ("seconds", "libraries")},
    }


def seconds_in_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a report says of the time that every step took."""
    return [(f"seconds: {step}", f"{value:.1f}") for step, value in facts["seconds"].items()]
