"""What a training run found, as files of the run folder and as a report."""

from __future__ import annotations

import io
import os
import platform
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from ._head import Cleaning
from ._parallel import cores
from .audit import SUSPECT_BELIEF, Decision
from .backbones import Backbone
from .evaluation import (
    Advice,
    Calibration,
    FailureGroup,
    Interval,
    ReportData,
    confusion,
    estimate_place,
    photo_losses,
)
from .heads import Head
from .photos import Finding, Table
from .recipes import Recipe
from .runs import RunFolder

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["Results", "environment", "report_data"]

_THUMBNAIL = 176
_LIBRARIES = (
    "numpy",
    "openvino",
    "onnx",
    "onnxruntime",
    "scikit-learn",
    "scipy",
    "pillow",
    "simplejpeg",
)


@dataclass(frozen=True)
class Results:
    """Everything that was learnt, before it is written.

    Attributes
    ----------
    table : Table
    recipe : Recipe
    evaluated : ndarray of int64
        Rows behind the numbers: each was answered by a model that it did not train.
    on : str
        In words: out-of-fold, or one held-out fold.
    head : LinearHead or DenseHead
    head_in_words : str
    history : list of dict
        Rows of ``history.jsonl``.
    calibration : Calibration
        Its probabilities are those of the evaluated rows.
    metrics : dict of Interval
        Over the evaluated rows.
    held_out : dict of dict of Interval
        By split, for labelled splits that do not train.
    decisions : list of Decision
        Those that concern these photos, in their order.
    cleaning : Cleaning or None
        What leaving suspect labels out did; None where the recipe did not ask.
    left_out : ndarray of int64
        Rows on which what ships did not train, because their labels looked wrong.
    validates : ndarray of int64
        Rows that neither train nor are measured: what is chosen is chosen on them.
    views : dict
        What test-time augmentation gave, where the recipe asked.
    failures : list of FailureGroup
        Wrong answers by what is hard about them; their rows are places among `evaluated`.
    """

    table: Table
    recipe: Recipe
    evaluated: Ints
    on: str
    head: Head
    head_in_words: str
    history: list[dict[str, Any]]
    calibration: Calibration
    metrics: dict[str, Interval]
    held_out: dict[str, dict[str, Interval]]
    decisions: list[Decision]
    cleaning: Cleaning | None = None
    left_out: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    validates: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    views: dict[str, Any] = field(default_factory=dict)
    failures: list[FailureGroup] = field(default_factory=list)

    @property
    def parts(self) -> list[str]:
        """What each photo is for: its role, or, where a fold is held out, its part of training."""
        parts = list(self.table.role)
        if len(self.validates):
            for name, rows in (("held out", self.evaluated), ("validates", self.validates)):
                for row in rows.tolist():
                    parts[row] = name
        return parts

    def findings(self) -> list[Finding]:
        """What the scan found, and labels that the out-of-fold predictions contradict."""
        losses = photo_losses(self.table.label[self.evaluated], self.calibration.proba)
        decided, suspect_loss = self.table.decisions, -np.log(SUSPECT_BELIEF)
        suspects = [
            Finding(
                self.table.photos[int(row)].path,
                "suspect label",
                f"predicted {self.table.classes[int(proba.argmax())]} with {proba.max():.3f}",
            )
            for row, proba, loss in zip(self.evaluated, self.calibration.proba, losses, strict=True)
            if loss > suspect_loss and not decided[int(row)].startswith(("keep", "relabel"))
        ]
        return [*self.table.findings, *suspects]

    def write(self, folder: RunFolder) -> None:
        """Write classes, photos, out-of-fold probabilities, history and metrics."""
        folder.write_json("classes.json", self.table.classes)
        folder.write_table("photos.parquet", self._photo_columns())
        folder.write_table("oof.parquet", self._oof_columns())
        folder.write_rows("history.jsonl", self.history)
        folder.write_json("metrics.json", self._metrics())

    def _metrics(self) -> dict[str, Any]:
        label = self.table.label[self.evaluated]
        found: dict[str, Any] = {
            "out_of_fold": _plain(self.metrics),
            "held_out": {split: _plain(metrics) for split, metrics in self.held_out.items()},
            "photos": dict(Counter(self.parts)),
            "decisions": dict(Counter(one.action for one in self.decisions)),
            "folds": int(self.table.fold.max()) + 1,
            "evaluated": {"photos": len(self.evaluated), "on": self.on},
            "head": self.head_in_words,
            "temperature": self.calibration.temperature,
            "clip": self.calibration.clip,
            "confusion": confusion(label, self.calibration.proba).tolist(),
        }
        if self.cleaning is not None:
            found["cleaning"] = self.cleaning.as_json()
        found["failures"] = {group.name: len(group.rows) for group in self.failures}
        if self.views:
            found["test_time_augmentation"] = self.views
        place = estimate_place(self.table.classes, self.metrics)
        if place is not None:
            found["kaggle"] = asdict(place)
        return found

    def _photo_columns(self) -> dict[str, Any]:
        table = self.table
        by_path: dict[str, list[str]] = {}
        for finding in self.findings():
            text = sys.intern(f"{finding.kind}: {finding.detail}")
            by_path.setdefault(finding.path, []).append(text)
        return {
            "path": table.photos.paths,
            "sha256": [scan.sha256 for scan in table.scans],
            "labels": [photo.labels for photo in table.photos],
            "given_labels": table.given,
            "decision": table.decisions,
            "split": [photo.split for photo in table.photos],
            "role": self.parts,
            "reason": table.reason,
            "fold": table.fold,
            "left_out": np.isin(np.arange(len(table.photos)), self.left_out),
            "group": table.group,
            "width": [scan.width for scan in table.scans],
            "height": [scan.height for scan in table.scans],
            "format": [scan.format for scan in table.scans],
            "findings": [by_path.get(path, []) for path in table.photos.paths],
        }

    def _oof_columns(self) -> dict[str, Any]:
        rows = self.evaluated
        columns: dict[str, Any] = {
            "path": [self.table.photos[int(row)].path for row in rows],
            "label": [self.table.classes[k] for k in self.table.label[rows]],
            "fold": self.table.fold[rows],
        }
        for number, name in enumerate(self.table.classes):
            columns[f"p:{name}"] = self.calibration.proba[:, number]
        return columns


def environment(
    seconds: Mapping[str, float], precisions: Sequence[str], extracted: int
) -> dict[str, Any]:
    """Versions, machine, and what was measured on it."""
    return {
        "pawlens": version("pawlens"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": cores(),
        "precision": list(precisions),
        "extracted": extracted,
        "seconds": dict(seconds),
        "peak_memory_mb": _peak_memory_mb(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def report_data(
    results: Results,
    backbones: Sequence[Backbone],
    parity: Mapping[str, Any],
    facts: Mapping[str, Any],
    advice: Sequence[Advice] = (),
) -> ReportData:
    """Everything that the report shows."""
    table, train = results.table, results.evaluated
    return ReportData(
        title=table.photos.name,
        classes=table.classes,
        y=table.label[train],
        proba=results.calibration.proba,
        fold=table.fold[train],
        paths=[table.photos[int(row)].path for row in train],
        counts=_counts(table, results.parts),
        skipped=[*table.set_aside, *table.photos.skipped],
        facts=_model_facts(results, backbones, facts),
        metrics=results.metrics,
        thumbnail=lambda i: _thumbnail(table, int(train[i])),
        calibration=results.calibration,
        l2_rows=[row for row in results.history if "l2" in row],
        history=[row for row in results.history if "do" in row],
        findings=results.findings(),
        failures=results.failures,
        advice=advice,
        parity={name: value for name, value in parity.items() if name != "limits"},
        environment={k: v for k, v in facts.items() if k not in ("seconds", "libraries")},
    )


def _model_facts(
    results: Results, backbones: Sequence[Backbone], facts: Mapping[str, Any]
) -> list[tuple[str, str]]:
    rows = [
        (f"backbone {b.spec.name}", f"{b.spec.input_size} px, {b.spec.feature_dim} features, {p}")
        for b, p in zip(backbones, facts["precision"], strict=True)
    ]
    rows += [
        ("head", results.head_in_words),
        ("measured", results.on),
        ("class weights", results.recipe.class_weights),
        ("temperature", f"{results.calibration.temperature:.3f}"),
        ("clip", f"{results.calibration.clip:g}"),
        ("borders", results.recipe.borders),
    ]
    if results.cleaning is not None:
        rows.append(("cleaning", results.cleaning.in_words()))
    if results.decisions:
        actions = Counter(one.action for one in results.decisions)
        rows.append(("decisions", ", ".join(f"{n} {action}" for action, n in actions.items())))
    rows += [(f"seconds: {step}", f"{value:.1f}") for step, value in facts["seconds"].items()]
    if results.views:
        gap = results.views["difference"]
        words = f"log loss {gap['value']:+.4f} ({gap['low']:+.4f} to {gap['high']:+.4f})"
        rows.append((f"views: {', '.join(results.views['views'])}", words))
    for split, metrics in results.held_out.items():
        for name in ("log_loss", "accuracy"):
            one = metrics[name]
            rows.append(
                (f"held-out {split}: {name}", f"{one.value:.4f} ({one.low:.4f} to {one.high:.4f})")
            )
    return rows


def _counts(table: Table, parts: Sequence[str]) -> list[tuple[str, str, int]]:
    names = [table.classes[k] if k >= 0 else "no label" for k in table.label]
    counted = Counter(zip(names, parts, strict=True))
    order = {name: i for i, name in enumerate(table.classes)}
    return [
        (name, role, count)
        for (name, role), count in sorted(
            counted.items(), key=lambda item: (order.get(item[0][0], len(order)), item[0][1])
        )
    ]


def _thumbnail(table: Table, row: int) -> bytes:
    from PIL import Image

    picture = Image.fromarray(table.photos.decode(row, min_side=_THUMBNAIL))
    picture.thumbnail((_THUMBNAIL, _THUMBNAIL))
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=80)
    return sink.getvalue()


def _plain(metrics: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    return {name: asdict(interval) for name, interval in metrics.items()}


def _peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far; None where the system does not tell."""
    if os.name != "posix":
        return None
    import resource

    unit = 1 if platform.system() == "Darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)
