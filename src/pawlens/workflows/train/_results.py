"""The results of a training run, whatever its labels, and their files in the run folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ...audit import Decision
from ...backbones import Backbone
from ...heads import Head
from ...metrics import Advice, Calibration, FailureGroup, Interval, LabelCalibration
from ...photos import Finding, Shortcut, Table, Thumbnail, make_thumbnail, shortcut_notes
from ...recipes import Recipe
from ...runs import (
    LEARNT_FROM,
    RunFolder,
    Standing,
    metrics_values,
    oof_columns,
    photo_columns,
    provenance,
    seconds_in_words,
)
from ...trust import Slices

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Examination", "TrainingResults"]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The examination of the exported model after training.

    Attributes
    ----------
    views : dict
        Metrics with test-time augmentation, where the recipe asked for it.
    failures : list of FailureGroup, optional
        Wrong answers by what is hard about them; their rows are places among the evaluated ones.
        None where photos have several labels.
    advice : list of Advice
        What to do next.
    maps : dict of int to bytes
        Explanation maps of wrong answers as JPEG, by place among the evaluated rows.
    shortcuts : list of Shortcut
        Traits of files that tell the classes apart.
    slices : Slices, optional
        How photos with each value of each trait were answered; None where photos have several
        labels.
    trust : dict
        Sets, abstention, *neither* and wrong labels, as `find_trust` measured them.
    neither : ndarray of float64, shape (n,), optional
        Score of each evaluated photo by what was not fitted on it. None where the run has no answer
        *neither*.
    choice : mapping
        How the backbones were chosen, as plain values; empty where a person named them.
    left_out : list of str
        Parts that were not looked at for want of time, in words.
    """

    views: dict[str, Any] = field(default_factory=dict)
    failures: list[FailureGroup] | None = None
    advice: list[Advice] = field(default_factory=list)
    maps: dict[int, bytes] = field(default_factory=dict)
    shortcuts: list[Shortcut] = field(default_factory=list)
    slices: Slices | None = None
    trust: dict[str, Any] = field(default_factory=dict)
    neither: Floats | None = None
    choice: Mapping[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``metrics.json``."""
        values: dict[str, Any] = {
            "shortcuts": [one.as_json() for one in self.shortcuts],
            "trust": self.trust,
        }
        if self.failures is not None:
            values["failures"] = {group.name: len(group.rows) for group in self.failures}
        if self.slices is not None:
            values["slices"] = self.slices.as_json()
        if self.views:
            values["test_time_augmentation"] = self.views
        return values


@dataclass(frozen=True, kw_only=True)
class TrainingResults(ABC):
    """What a training run gave, before it is written; how it is measured depends on the labels.

    Attributes
    ----------
    table : Table
    recipe : Recipe
    evaluated : ndarray of int64
        Rows behind the numbers: each was answered by a model that it did not train.
    on : str
        In words: out-of-fold, or one held-out fold.
    head : Head
    calibration : Calibration or LabelCalibration
        How logits become probabilities; its own are those of the evaluated rows.
    head_in_words : str
    history : list of dict
        Rows of ``history.jsonl``.
    metrics : dict of Interval
        Over the evaluated rows.
    held_out : dict of dict of Interval
        By split, for labelled splits that do not train.
    decisions : list of Decision
        Those that concern these photos, in their order.
    left_out : ndarray of int64
        Rows on which what ships did not train, because their labels looked wrong.
    validates : ndarray of int64
        Rows that neither train nor are measured: what is chosen is chosen on them.
    search : dict
        Trials, best values and what they gained, where the recipe searched.
    """

    table: Table
    recipe: Recipe
    evaluated: Ints
    on: str
    head: Head
    calibration: Calibration | LabelCalibration
    head_in_words: str
    history: list[dict[str, Any]]
    metrics: dict[str, Interval]
    held_out: dict[str, dict[str, Interval]]
    decisions: list[Decision]
    left_out: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    validates: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    search: dict[str, Any] = field(default_factory=dict)

    right: ClassVar[str] = "accuracy"  # the metric that says how many photos were answered right

    @property
    def parts(self) -> list[str]:
        """The part of each photo: its role, or, where a fold is held out, its part of training."""
        parts = list(self.table.role)
        if len(self.evaluated) < len(self.table.rows("train")):  # a fold is held out
            for name, rows in (("held out", self.evaluated), ("validates", self.validates)):
                for row in rows.tolist():
                    parts[row] = name
        return parts

    @property
    def standing(self) -> Standing:
        """What stands beside the numbers: the baseline, held-out splits, and what to doubt."""
        labels = [photo.labels for photo in self.table.photos]
        return Standing.of(self.table.classes, labels, self.parts, self.metrics, self.held_out)

    def learnt_from(self) -> set[str]:
        """SHA-256 of the photos that the model was trained, selected or calibrated on."""
        pairs = zip(self.table.scans, self.parts, strict=True)
        return {scan.sha256 for scan, part in pairs if part in LEARNT_FROM}

    @property
    @abstractmethod
    def shipped(self) -> dict[str, Any]:
        """The fields of `GraphFacts` by which the graph turns logits into probabilities."""

    @property
    @abstractmethod
    def proba(self) -> Floats:
        """Probabilities float64 (n, K) of the evaluated rows."""

    @abstractmethod
    def findings(self) -> list[Finding]:
        """Return findings of the scan, and labels that the predictions contradict."""

    @abstractmethod
    def log_loss(self, proba: Floats) -> Interval:
        """Compute the log loss of other probabilities float64 (n, K) of the evaluated rows."""

    @abstractmethod
    def difference(self, proba: Floats, other: Floats) -> Interval:
        """Compute the paired difference in log loss: the first probabilities less the second."""

    @abstractmethod
    def report(
        self,
        backbones: Sequence[Backbone],
        parity: Mapping[str, Any],
        facts: Mapping[str, Any],
        examination: Examination,
    ) -> str:
        """Render the page ``report.html``."""

    def write(self, folder: RunFolder, examination: Examination) -> None:
        """Write classes, photos, out-of-fold probabilities, history and metrics."""
        columns = photo_columns(
            self.table, roles=self.parts, left_out=self.left_out, findings=self.findings()
        )
        folder.write_results(
            classes=self.table.classes,
            photos=columns,
            oof=self._oof_columns(examination.neither),
            history=self.history,
            metrics=self._metrics() | examination.as_json() | {"notes": self._notes(examination)},
        )

    def _notes(self, examination: Examination) -> list[str]:
        """Say what to doubt: photos that belong together, and traits that tell classes apart."""
        notes = [*self.table.notes, *shortcut_notes(examination.shortcuts)]
        if examination.left_out:
            what = ", ".join(examination.left_out)
            notes.append(f"Left out, because the time that was given was over: {what}.")
        return notes

    def _metrics(self) -> dict[str, Any]:
        values = metrics_values(
            out_of_fold=self.metrics,
            held_out=self.held_out,
            photos=Counter(self.parts),
            decisions=Counter(decision.action for decision in self.decisions),
            folds=int(self.table.fold.max()) + 1,
            evaluated=len(self.evaluated),
            on=self.on,
            head=self.head_in_words,
        )
        return values | ({"search": self.search} if self.search else {})

    def _oof_columns(self, neither: Floats | None) -> dict[str, Any]:
        rows, classes = self.evaluated, self.table.classes
        paths = [self.table.photos[int(row)].path for row in rows]
        return oof_columns(
            paths, self._true_labels(), self.table.fold[rows], classes, self.proba, neither
        )

    def _page(
        self,
        backbones: Sequence[Backbone],
        parity: Mapping[str, Any],
        facts: Mapping[str, Any],
        examination: Examination,
    ) -> dict[str, Any]:
        """Return the fields of `ReportData` that every report shows."""
        table, rows = self.table, self.evaluated
        return {
            "title": table.photos.name,
            "classes": table.classes,
            "fold": table.fold[rows],
            "paths": [table.photos[int(row)].path for row in rows],
            "skipped": [*table.set_aside, *table.photos.skipped],
            "facts": self._facts(backbones, facts, examination.views),
            "metrics": self.metrics,
            "standing": self.standing.with_notes(self._notes(examination)),
            "thumbnail": self._thumbnail,
            "history": [row for row in self.history if "do" in row],
            "search": self.search,
            "trust": examination.trust,
            "choice": examination.choice,
            "findings": self.findings(),
            **provenance(parity, facts),
        }

    def _thumbnail(self, place: int) -> Thumbnail:
        """Make a small JPEG of an evaluated photo, or say why there is none any more."""
        row = int(self.evaluated[place])
        return make_thumbnail(self.table.photos, row, sha256=self.table.scans[row].sha256)

    def _facts(
        self, backbones: Sequence[Backbone], facts: Mapping[str, Any], views: Mapping[str, Any]
    ) -> list[tuple[str, str]]:
        """Describe how the model is built, in pairs of words."""
        rows = [
            (
                f"backbone {b.spec.name}",
                f"{b.spec.input_size} px, {b.spec.feature_dim} features, {p}",
            )
            for b, p in zip(backbones, facts["precision"], strict=True)
        ]
        rows += [
            ("head", self.head_in_words),
            ("measured", self.on),
            ("class weights", self.recipe.class_weights),
            *self._own_facts(),
        ]
        if self.decisions:
            actions = Counter(one.action for one in self.decisions)
            rows.append(("decisions", ", ".join(f"{n} {action}" for action, n in actions.items())))
        rows += seconds_in_words(facts)
        if views:
            gap = Interval(**views["difference"])
            rows.append((f"views: {', '.join(views['views'])}", f"log loss {gap:+.4f}"))
        return rows

    @abstractmethod
    def _true_labels(self) -> list[str]:
        """Return the true labels of the evaluated rows, in words."""

    @abstractmethod
    def _own_facts(self) -> list[tuple[str, str]]:
        """Describe how the probabilities are made, in pairs of words."""
