"""The results of a training run with one label a photo, and their report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...audit import SUSPECT_BELIEF
from ...backbones import Backbone
from ...metrics import (
    Calibration,
    Interval,
    paired_difference,
    photo_losses,
)
from ...pages import ReportData, render_report
from ...photos import Finding, Table
from ...runs import one_label_values
from ._default_head import Cleaning
from ._measure import measured
from ._results import Examination, TrainingResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["OneLabelResults"]


@dataclass(frozen=True, kw_only=True)
class OneLabelResults(TrainingResults):
    """The results of a run with one label a photo; see `TrainingResults`.

    Attributes
    ----------
    calibration : Calibration
        The calibration; its probabilities are those of the evaluated rows.
    cleaning : Cleaning or None
        The effect of leaving suspect labels out; None where the recipe did not ask for it.
    """

    calibration: Calibration
    cleaning: Cleaning | None = None

    @property
    def shipped(self) -> dict[str, Any]:
        """Temperature and clip, as fields of `GraphFacts`."""
        return {"temperature": self.calibration.temperature, "clip": self.calibration.clip}

    @property
    def proba(self) -> Floats:
        """Probabilities float64 (n, K) of the evaluated rows."""
        return self.calibration.proba

    def findings(self) -> list[Finding]:
        """Return findings of the scan, and labels that out-of-fold predictions contradict."""
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

    def _metrics(self) -> dict[str, Any]:
        label, classes = self.table.label[self.evaluated], self.table.classes
        confusion, place = one_label_values(label, self.proba, classes, self.metrics)
        cleaning = {} if self.cleaning is None else {"cleaning": self.cleaning.as_json()}
        return super()._metrics() | self.shipped | confusion | cleaning | place

    def log_loss(self, proba: Floats) -> Interval:
        """Compute the log loss of other probabilities float64 (n, K) of the evaluated rows."""
        return measured(self.table, self.recipe, self.evaluated, proba)["log_loss"]

    def difference(self, proba: Floats, other: Floats) -> Interval:
        """Compute the paired difference in log loss: the first probabilities less the second."""
        label, groups = self.table.label[self.evaluated], self.table.group[self.evaluated]
        return paired_difference(label, proba, other, seed=self.recipe.seed, groups=groups)

    def report(
        self,
        backbones: Sequence[Backbone],
        parity: Mapping[str, Any],
        facts: Mapping[str, Any],
        examination: Examination,
    ) -> str:
        """Render the page ``report.html``."""
        data = ReportData(
            **self._page(backbones, parity, facts, examination),
            y=self.table.label[self.evaluated],
            proba=self.proba,
            groups=self.table.group[self.evaluated],
            counts=_counts(self.table, self.parts),
            calibration=self.calibration,
            l2_rows=[r for r in self.history if "l2" in r and "backbone" not in r],
            failures=examination.failures or (),
            advice=examination.advice,
            maps=examination.maps,
            slices=examination.slices,
        )
        return render_report(data)

    def _true_labels(self) -> list[str]:
        return [self.table.classes[k] for k in self.table.label[self.evaluated]]

    def _own_facts(self) -> list[tuple[str, str]]:
        return [
            ("temperature", f"{self.calibration.temperature:.3f}"),
            ("clip", f"{self.calibration.clip:g}"),
            ("borders", self.recipe.borders),
            *([] if self.cleaning is None else [("cleaning", self.cleaning.in_words())]),
        ]


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
