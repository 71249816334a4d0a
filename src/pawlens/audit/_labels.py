"""Labels that are probably wrong, and photos that a model answers against their label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ._beliefs import Beliefs
from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["SUSPECT_BELIEF", "LabelCheck", "find_high_loss", "find_label_errors"]

SUSPECT_BELIEF = 0.3
"""An out-of-fold probability of its own label under this (a loss above 1.2040) makes a label
suspect: the rule of FusionNet."""

_PROBABLE = 0.5


class LabelCheck(AuditCheck):
    """Labels that are probably wrong, and photos that a model answers against their label."""

    kinds = (
        Kind(
            "label_error",
            "Label errors",
            "Probably of another class than its label says. The score is the probability of that.",
            1.0,
        ),
        Kind(
            "high_loss",
            "High loss",
            "A model that did not see the photo gives its label a probability under 0.3.",
            0.8,
        ),
    )

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Compare the labels with what models believe that did not see the photos."""
        return [
            find_label_errors(view.beliefs, view.labels, view.classes),
            find_high_loss(view.beliefs, view.labels, view.classes),
        ]


def find_label_errors(beliefs: Beliefs, labels: Ints, classes: Sequence[str]) -> Detection:
    """Detect labels that are more likely wrong than right; the score is that probability."""
    found = beliefs.wrong >= _PROBABLE
    why, suggestion = {}, {}
    for row in np.flatnonzero(found).tolist():
        proba = beliefs.proba[row].copy()
        belief = proba[labels[row]]
        proba[labels[row]] = -1
        other = int(proba.argmax())
        why[row] = (
            f"labelled {classes[labels[row]]} ({belief:.3f}), looks like {classes[other]} "
            f"({proba[other]:.3f})"
        )
        suggestion[row] = f"relabel:{classes[other]}"
    return Detection("label_error", beliefs.wrong, found, why, suggestion)


def find_high_loss(beliefs: Beliefs, labels: Ints, classes: Sequence[str]) -> Detection:
    """Detect photos whose label has a probability under `SUSPECT_BELIEF`."""
    belief = np.full(len(labels), np.nan)
    asked = (labels >= 0) & np.isfinite(beliefs.proba[:, 0])
    belief[asked] = beliefs.proba[asked, labels[asked]]
    found = belief < SUSPECT_BELIEF
    why = {
        row: f"predicted {classes[int(beliefs.proba[row].argmax())]} with "
        f"{beliefs.proba[row].max():.3f}"
        for row in np.flatnonzero(found).tolist()
    }
    return Detection("high_loss", from_ratio(SUSPECT_BELIEF / np.maximum(belief, 1e-9)), found, why)
