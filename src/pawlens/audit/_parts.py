"""Detection of photos that show two classes, by predictions for parts of each photo."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, cores
from ..errors import UnreadablePhoto
from ..features import FeatureExtractors
from ..heads import LinearHead
from ..photos import Photo, Photos
from ._beliefs import Beliefs
from ._detection import Detection, from_ratio

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["PARTS", "find_both"]

Part = tuple[str, float, float, float, float]

PARTS: tuple[Part, ...] = (
    ("left", 0, 0, 0.55, 1),
    ("right", 0.45, 0, 1, 1),
    ("top", 0, 0, 1, 0.55),
    ("bottom", 0, 0.45, 1, 1),
    ("top left", 0, 0, 0.55, 0.55),
    ("top right", 0.45, 0, 1, 0.55),
    ("bottom left", 0, 0.45, 0.55, 1),
    ("bottom right", 0.45, 0.45, 1, 1),
)
"""Name, and left, top, right and bottom as shares of the photo."""

_DOUBT = 0.02  # a photo is cut up where the model doubts its label, or its answer, by this much
_ASKED_SHARE, _ASKED_LEAST = 0.08, 50  # largest number of photos that are cut up
_SURE = 0.9  # probability that a part of a photo must give to a class


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
                    f"{classes[first]} in its {PARTS[parts[0]][0]}, "
                    f"{classes[second]} in its {PARTS[parts[1]][0]}"
                )
    found = np.zeros(len(photos), bool)
    found[list(why)] = True
    return Detection("both", score, found, why)


def _doubtful(proba: Floats, labels: Ints) -> Ints:
    """Choose the rows to cut up, the most doubtful first."""
    known = np.isfinite(proba[:, 0])
    doubt = np.full(len(labels), -1.0)
    doubt[known] = 1 - proba[known].max(axis=1)
    named = np.flatnonzero(known & (labels >= 0))
    doubt[named] = np.maximum(doubt[named], 1 - proba[named, labels[named]])
    most = max(_ASKED_LEAST, int(_ASKED_SHARE * len(labels)))
    order = np.argsort(-doubt, kind="stable")[:most]
    return np.asarray(order[doubt[order] > _DOUBT], np.int64)


def _answer_parts(
    photos: Photos,
    hashes: Sequence[str],
    rows: Ints,
    head: LinearHead,
    extractors: FeatureExtractors,
    progress: Progress | None,
) -> Floats:
    """Compute logits float64 (m, parts, K); NaN where a photo can no longer be decoded."""
    cut = _CutOuts(photos, {photos[row].path: row for row in rows.tolist()})
    names = [(int(row), part) for row in rows for part in range(len(PARTS))]
    listed = Photos([Photo(f"{part}/{photos[row].path}") for row, part in names], cut, name="parts")
    keys = [_key(hashes[row], part) for row, part in names]
    seen = extractors.extract(listed, keys, progress=progress)
    logits = np.full((len(names), head.bias.shape[0]), np.nan)
    there = seen.row >= 0
    logits[there] = head.logits(seen.of(np.flatnonzero(there)))
    return logits.reshape(len(rows), len(PARTS), -1)


def _key(digest: str, part: int) -> str:
    """Make a key for the features of a part, from the content and the box."""
    return hashlib.sha256(f"{digest} {PARTS[part][1:]}".encode()).hexdigest()


def _strongest_pair(logits: Floats) -> tuple[float, int, int, tuple[int, int]]:
    """Return the two classes that parts are surest of: lesser belief, classes, parts."""
    top = np.nan_to_num(logits, nan=-np.inf).max(axis=1, keepdims=True)
    powers = np.exp(np.where(np.isfinite(logits), logits - top, -np.inf))
    proba = powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-300)
    best, part = proba.max(axis=0), proba.argmax(axis=0)
    first, second = np.argsort(-best, kind="stable")[:2].tolist()
    return float(best[second]), first, second, (int(part[first]), int(part[second]))


class _CutOuts:
    """A store of parts of photos: ``PART/PATH``, made when they are read."""

    def __init__(self, photos: Photos, rows: dict[str, int]) -> None:
        self.location = Path(photos.location)
        self._rows = rows
        # The parts of a photo are asked for one after the other: it is decoded once for all.
        self._decode = lru_cache(maxsize=2 * cores())(photos.decode)

    def names(self) -> list[str]:
        return sorted(f"{part}/{path}" for path in self._rows for part in range(len(PARTS)))

    def head(self, name: str) -> bytes:
        return self.read(name)[:16]

    def read(self, name: str) -> bytes:
        from PIL import Image

        part, _, path = name.partition("/")
        if path not in self._rows:
            raise UnreadablePhoto("no part of these photos")
        pixels = self._decode(self._rows[path])
        height, width = pixels.shape[:2]
        _, left, top, right, bottom = PARTS[int(part)]
        box = pixels[
            int(top * height) : max(int(bottom * height), int(top * height) + 1),
            int(left * width) : max(int(right * width), int(left * width) + 1),
        ]
        sink = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(box)).save(sink, "BMP")
        return sink.getvalue()
