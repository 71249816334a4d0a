"""Detection of photos that show two classes, by predictions for parts of each photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ..features import PARTS, FeatureExtractors
from ..photos import Photos
from ._beliefs import Beliefs
from ._check import AuditCheck
from ._cut_outs import cut_up
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._second_opinion import second_opinion
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["BothCheck", "find_both"]

_NAMES = tuple(PARTS)
_DOUBT = 0.02  # a photo is cut up where the model doubts its label, or its answer, by this much
_ASKED_SHARE, _ASKED_LEAST = 0.08, 50  # photos that are cut up at most
_SURE = 0.9  # probability that a part of a photo must give to a class


class BothCheck(AuditCheck):
    """Photos that show two classes."""

    kinds = (Kind("both", "Both", "Parts of the photo show different classes.", 0.9),)

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Cut up the photos that models doubt, and ask of each part what it shows."""
        opinion = second_opinion(view)
        if opinion is not None:
            return [opinion.find_both()]
        both = find_both(
            view.photos,
            view.hashes,
            view.labels,
            view.beliefs,
            view.extractors,
            view.classes,
            progress=view.progress,
        )
        return [both]


def find_both(
    photos: Photos,
    hashes: Sequence[str],
    labels: Ints,
    beliefs: Beliefs,
    extractors: FeatureExtractors,
    classes: Sequence[str],
    *,
    progress: Progress | None = None,
) -> Detection:
    """Detect photos with parts that surely show different classes.

    Only photos whose label, or whose answer, the models doubt are cut up: at most one in 12. All
    others get the score 0.
    """
    score = np.where(np.isfinite(beliefs.proba[:, 0]), 0.0, np.nan)
    why: dict[int, str] = {}
    asked = _doubtful(beliefs.proba, labels)
    if len(asked) and len(classes) > 1:
        seen = cut_up(photos, hashes, asked, extractors, progress=progress)
        logits = beliefs.head.logits(seen.reshape(-1, seen.shape[-1]))
        logits = logits.reshape(*seen.shape[:2], -1)
        for row, answers in zip(asked.tolist(), logits, strict=True):
            belief, first, second, parts = _strongest_pair(answers)
            score[row] = float(from_ratio((1 - _SURE) / max(1 - belief, 1e-9)))
            if belief >= _SURE:
                why[row] = (
                    f"{classes[first]} in its {_NAMES[parts[0]]}, "
                    f"{classes[second]} in its {_NAMES[parts[1]]}"
                )
    found = np.zeros(len(photos), bool)
    found[list(why)] = True
    return Detection("both", score, found, why)


def _doubtful(proba: Floats, labels: Ints) -> Ints:
    """Choose the rows to cut up, the most doubtful first."""
    answered = np.isfinite(proba[:, 0])
    doubt = np.full(len(labels), -1.0)
    doubt[answered] = 1 - proba[answered].max(axis=1)
    named = np.flatnonzero(answered & (labels >= 0))
    doubt[named] = np.maximum(doubt[named], 1 - proba[named, labels[named]])
    most = max(_ASKED_LEAST, int(_ASKED_SHARE * len(labels)))
    order = np.argsort(-doubt, kind="stable")[:most]
    return np.asarray(order[doubt[order] > _DOUBT], np.int64)


def _strongest_pair(logits: Floats) -> tuple[float, int, int, tuple[int, int]]:
    """Return the two classes that parts are surest of: lesser belief, classes, parts."""
    top = np.nan_to_num(logits, nan=-np.inf).max(axis=1, keepdims=True)
    powers = np.exp(np.where(np.isfinite(logits), logits - top, -np.inf))
    proba = powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300)
    best, part = proba.max(axis=0), proba.argmax(axis=0)
    first, second = np.argsort(-best, kind="stable")[:2].tolist()
    return float(best[second]), first, second, (int(part[first]), int(part[second]))
