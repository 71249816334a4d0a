"""Detection of photos that show two classes, by predictions for parts of each photo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import BackboneSpec
from ..base import Progress, cores
from ..features import PARTS, FeatureExtractors
from ..heads import Head
from ..photos import Photos, resize
from ._beliefs import Beliefs
from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["BothCheck", "find_both"]

_NAMES, _WINDOWS = tuple(PARTS), tuple(PARTS.values())
_DOUBT = 0.02  # a photo is cut up where the model doubts its label, or its answer, by this much
_ASKED_SHARE, _ASKED_LEAST = 0.08, 50  # photos that are cut up at most
_SURE = 0.9  # probability that a part of a photo must give to a class


class BothCheck(AuditCheck):
    """Photos that show two classes."""

    kinds = (Kind("both", "Both", "Parts of the photo show different classes.", 0.9),)

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Cut up the photos that models doubt, and ask of each part what it shows."""
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
        logits = _answer_parts(photos, hashes, asked, beliefs.head, extractors, progress)
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


def _answer_parts(
    photos: Photos,
    hashes: Sequence[str],
    rows: Ints,
    head: Head,
    extractors: FeatureExtractors,
    progress: Progress | None,
) -> Floats:
    """Compute logits float64 (m, parts, K); NaN where a photo can no longer be decoded."""
    cut_outs = _CutOuts(photos, hashes, rows.tolist())
    features = extractors.extract(cut_outs, progress=progress)
    logits = np.full((len(cut_outs.keys), head.bias.shape[0]), np.nan)
    there = features.row >= 0
    logits[there] = head.logits(features.of(np.flatnonzero(there)))
    return logits.reshape(len(rows), len(PARTS), -1)


def _key(digest: str, part: int) -> str:
    """Make a key for the features of a part, from the content and the box."""
    return hashlib.sha256(f"{digest} {_WINDOWS[part]}".encode()).hexdigest()


def _strongest_pair(logits: Floats) -> tuple[float, int, int, tuple[int, int]]:
    """Return the two classes that parts are surest of: lesser belief, classes, parts."""
    top = np.nan_to_num(logits, nan=-np.inf).max(axis=1, keepdims=True)
    powers = np.exp(np.where(np.isfinite(logits), logits - top, -np.inf))
    proba = powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300)
    best, part = proba.max(axis=0), proba.argmax(axis=0)
    first, second = np.argsort(-best, kind="stable")[:2].tolist()
    return float(best[second]), first, second, (int(part[first]), int(part[second]))


class _CutOuts:
    """The parts of some photos as pictures, all of a photo one after the other."""

    def __init__(self, photos: Photos, hashes: Sequence[str], rows: Sequence[int]) -> None:
        self._photos = photos
        self._places = [(row, part) for row in rows for part in range(len(PARTS))]
        self.keys = [_key(hashes[row], part) for row, part in self._places]
        # The parts of a photo are asked for one after the other: it is decoded once for all.
        self._decode = lru_cache(maxsize=2 * cores())(photos.decode)

    def name(self, item: int) -> str:
        row, part = self._places[item]
        return f"{_NAMES[part]} of {self._photos[row].path}"

    def pixels(self, item: int, specs: Sequence[BackboneSpec]) -> list[Pixels]:
        row, part = self._places[item]
        pixels = self._decode(row)
        height, width = pixels.shape[:2]
        left, top, right, bottom = _WINDOWS[part]
        box = pixels[
            int(top * height) : max(int(bottom * height), int(top * height) + 1),
            int(left * width) : max(int(right * width), int(left * width) + 1),
        ]
        return [resize(box, spec.input_size, spec.interpolation) for spec in specs]
