"""The results of a training run with several labels a photo, and their report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ...audit import SUSPECT_BELIEF
from ...backbones import Backbone
from ...base import Progress
from ...metrics import (
    Interval,
    LabelCalibration,
    LabelMetrics,
    co_occurrence,
    evaluate_labels,
    label_difference,
    label_loss_range,
    label_losses,
    mean_interval,
)
from ...pages import LabelReportData, render_label_report
from ...photos import NONE, Finding, Table
from ...recipes import Recipe
from ...runs import plain_metrics
from ._results import Examination, TrainingResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["LabelSetResults", "measured_labels"]


def measured_labels(
    table: Table,
    recipe: Recipe,
    rows: Ints,
    proba: Floats,
    answers: Bools,
    progress: Progress | None = None,
) -> LabelMetrics:
    """Compute every metric, with its interval, of probabilities and labels (n, K) of rows."""
    return evaluate_labels(
        table.targets[rows],
        proba,
        answers,
        table.classes,
        seed=recipe.seed,
        groups=table.group[rows],
        progress=progress,
    )


@dataclass(frozen=True, kw_only=True)
class LabelSetResults(TrainingResults):
    """The results of a run with several labels a photo; see `TrainingResults`.

    Attributes
    ----------
    calibration : LabelCalibration
        The calibration; its probabilities and answers are those of the evaluated rows.
    by_label : dict of str to dict of str to Interval
        Metrics of each label over the evaluated rows.
    held_by_label : dict
        The same for each held-out split, by its name.
    """

    calibration: LabelCalibration
    by_label: dict[str, dict[str, Interval]]
    held_by_label: dict[str, dict[str, dict[str, Interval]]]

    right: ClassVar[str] = "subset_accuracy"

    @property
    def shipped(self) -> dict[str, Any]:
        """The temperature, the clip and the threshold of each label, as fields of `GraphFacts`."""
        return {"temperature": 1.0, "clip": 0.0, "labels": self.calibration.rules}

    @property
    def proba(self) -> Floats:
        """Probabilities float64 (n, K) of the evaluated rows."""
        return self.calibration.proba

    @property
    def targets(self) -> Bools:
        """The true labels of the evaluated rows, bool (n, K)."""
        return self.table.targets[self.evaluated]

    def findings(self) -> list[Finding]:
        """Return findings of the scan, and labels that out-of-fold predictions contradict."""
        losses = label_losses(self.targets, self.proba)
        decided, suspects = self.table.decisions, []
        for place, k in np.argwhere(losses > -np.log(SUSPECT_BELIEF)).tolist():
            row = int(self.evaluated[place])
            if decided[row].startswith(("keep", "relabel")):
                continue
            words = "labelled" if self.targets[place, k] else "not labelled"
            detail = f"{words} {self.table.classes[k]}, predicted with {self.proba[place, k]:.3f}"
            suspects.append(Finding(self.table.photos[row].path, "suspect label", detail))
        return [*self.table.findings, *suspects]

    def log_loss(self, proba: Floats) -> Interval:
        """Compute the log loss of other probabilities float64 (n, K) of the evaluated rows."""
        groups = self.table.group[self.evaluated]
        losses = label_losses(self.targets, proba).mean(axis=1)
        least, most = label_loss_range(proba)
        return mean_interval(losses, least=least, most=most, seed=self.recipe.seed, groups=groups)

    def difference(self, proba: Floats, other: Floats) -> Interval:
        """Compute the paired difference in mean log loss: first probabilities less second."""
        groups = self.table.group[self.evaluated]
        return label_difference(self.targets, proba, other, seed=self.recipe.seed, groups=groups)

    def report(
        self,
        backbones: Sequence[Backbone],
        parity: Mapping[str, Any],
        facts: Mapping[str, Any],
        examination: Examination,
    ) -> str:
        """Render the page ``report.html``."""
        data = LabelReportData(
            **self._page(backbones, parity, facts, examination),
            targets=self.targets,
            calibration=self.calibration,
            by_label=self.by_label,
            counts=self._counts(),
        )
        return render_label_report(data)

    def _metrics(self) -> dict[str, Any]:
        found = super()._metrics() | {
            "labels": {name: plain_metrics(metrics) for name, metrics in self.by_label.items()},
            "held_out_labels": {
                split: {name: plain_metrics(metrics) for name, metrics in labels.items()}
                for split, labels in self.held_by_label.items()
            },
            **self.calibration.rules.as_json(),
            "co_occurrence": co_occurrence(self.targets, self.calibration.answers).tolist(),
        }
        return found

    def _oof_columns(self, neither: Floats | None) -> dict[str, Any]:
        given = [self._joined(row) for row in self.calibration.answers]
        return super()._oof_columns(neither) | {"answer": given}

    def _true_labels(self) -> list[str]:
        return [self._joined(row) for row in self.targets]

    def _joined(self, row: Bools) -> str:
        names = (name for name, yes in zip(self.table.classes, row.tolist(), strict=True) if yes)
        return ";".join(names) or NONE

    def _own_facts(self) -> list[tuple[str, str]]:
        cut = self.recipe.threshold
        how = "largest F1 of each label" if cut == "auto" else f"{cut:g} for every label"
        return [("labels", "several a photo"), ("threshold", how), ("borders", self.recipe.borders)]

    def _counts(self) -> list[tuple[str, str, int]]:
        """Count photos of each label, and of none, in each part, a photo under all its labels."""
        parts, known = np.array(self.parts), np.array([bool(p.labels) for p in self.table.photos])
        targets = self.table.targets
        rows = {name: targets[:, k] for k, name in enumerate(self.table.classes)}
        rows |= {NONE: known & ~targets.any(axis=1), "not labelled": ~known}
        rows |= {"photos": np.ones(len(parts), bool)}
        return [
            (name, str(part), int((mine & (parts == part)).sum()))
            for name, mine in rows.items()
            if mine.any()
            for part in sorted(set(parts.tolist()))
        ]
