"""Sample photos of each class, chosen by a seed and spread evenly over the class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._photo import natural_key
from ._photos import Photos

__all__ = ["MOST_SAMPLES", "Sheet", "choose_samples"]

MOST_SAMPLES = 130
"""On one page, however many classes there are."""

_PER_CLASS = 21
_UNLABELLED = 12


class Sheet(NamedTuple):
    """Sample photos of one class; photos without a label where the name is empty."""

    name: str
    rows: list[int]


def choose_samples(photos: Photos, readable: Sequence[bool], *, seed: int = 0) -> list[Sheet]:
    """Choose photos to look at.

    Parameters
    ----------
    photos : Photos
    readable : sequence of bool, length n
    seed : int

    Returns
    -------
    list of Sheet
        Classes in natural order, each with equally many photos as far as it has them. Of more
        than 130 classes, 130 spread evenly over all. Photos without a label come last.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for row, photo in enumerate(photos):
        if readable[row]:
            for label in photo.labels or ("",):
                members[label].append(row)
    unlabelled = members.pop("", [])
    names = sorted(members, key=natural_key)
    if len(names) > MOST_SAMPLES:
        names = [names[i] for i in _spread(len(names), MOST_SAMPLES, None)]
    share = min(_PER_CLASS, MOST_SAMPLES // max(len(names), 1))
    rng = np.random.default_rng(seed)
    sheets = [Sheet(name, _pick(members[name], share, rng)) for name in names]
    if unlabelled:
        sheets.append(Sheet("", _pick(unlabelled, _UNLABELLED if names else _PER_CLASS, rng)))
    return sheets


def _pick(rows: list[int], count: int, rng: np.random.Generator) -> list[int]:
    return [rows[i] for i in _spread(len(rows), count, rng)]


def _spread(total: int, count: int, rng: np.random.Generator | None) -> list[int]:
    """Choose one place in each of `count` equal stretches: at random, or the first."""
    count = min(total, count)
    edges = np.arange(count + 1) * total // max(count, 1)
    if rng is None:
        return [int(edge) for edge in edges[:-1]]
    return [int(place) for place in rng.integers(edges[:-1], edges[1:])]
