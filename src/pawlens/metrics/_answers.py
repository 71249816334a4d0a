"""True classes and probabilities of photos, and the bootstrap samples that are drawn of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ._interval import Floats, Ints
from ._ranks import Ranks, rank_photos
from ._resampling import Units, resampled_sums, shared_groups

__all__ = ["Answers", "check_probabilities"]


@dataclass(frozen=True)
class Answers:
    """The true classes and the probabilities that a metric of one label a photo is measured on.

    Attributes
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (n, K)
        Probabilities of the classes; rows sum to 1.
    draws, seed : int
        Number of bootstrap samples, and the seed of their random numbers.
    groups : ndarray of int64, shape (n,), optional
        Photos with equal numbers (near-duplicates) are drawn together.

    Raises
    ------
    UsageError
        The arrays do not fit each other, or are not probabilities.

    Examples
    --------
    >>> import numpy as np
    >>> answers = Answers(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]))
    >>> answers.right
    array([ True, False])
    """

    y: Ints
    proba: Floats
    draws: int = 1000
    seed: int = 0
    groups: Ints | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_probabilities(self.y, self.proba, self.proba.shape[-1])
        object.__setattr__(self, "groups", shared_groups(self.groups))

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def answer(self) -> Ints:
        """The most probable class of each photo, int64 (n,)."""
        return np.asarray(self.proba.argmax(axis=1), np.int64)

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """Whether the most probable class is the true one, bool (n,)."""
        return np.asarray(self.answer == self.y)

    @cached_property
    def confidence(self) -> Floats:
        """The largest probability of each photo, float64 (n,)."""
        return np.asarray(self.proba.max(axis=1))

    @cached_property
    def ranks(self) -> Ranks:
        """The photos ranked by the probability of each class."""
        return rank_photos(self.y, self.proba, self.groups)

    @property
    def units(self) -> Units:
        """Photos, or groups of photos that are drawn together."""
        return Units(self.groups)

    def count_units(self) -> float:
        """The number of pieces of evidence: photos, or groups of them; see `Units.count`."""
        return self.units.count(np.ones(len(self), bool))

    def sums(self, columns: Any) -> Floats:
        """The sums of columns (n, m), dense or sparse, over each sample, float64 (draws, m)."""
        return resampled_sums(columns, draws=self.draws, seed=self.seed, groups=self.groups)

    def samples(self) -> Iterator[Ints]:
        """The rows of the photos in each bootstrap sample (Efron 1979), some of them repeated."""
        unit = np.arange(len(self))
        if self.groups is not None:
            _, unit = np.unique(self.groups, return_inverse=True)
        n, rng = int(unit.max()) + 1, np.random.default_rng(self.seed)
        for _ in range(self.draws):
            times = np.bincount(rng.integers(n, size=n), minlength=n)
            yield np.repeat(np.arange(len(self)), times[unit])


def check_probabilities(y: Ints, proba: Floats, k: int) -> None:
    """Refuse labels int64 (n,) and probabilities float64 (n, k) that do not fit each other.

    Raises
    ------
    UsageError
        They do not fit each other; the message says what is wrong.
    """
    if proba.ndim != 2 or proba.shape != (len(y), k) or len(y) == 0:
        raise UsageError(
            f"probabilities have shape {proba.shape}, expected ({len(y)}, {k}) "
            "with at least one photo: pass one row per label and one column per class"
        )
    if k < 2 or y.min() < 0 or y.max() >= k:
        raise UsageError(f"labels must be 0..{k - 1} of at least 2 classes: map them by class name")
    if not (proba.min() >= 0 and np.abs(proba.sum(axis=1) - 1).max() < 1e-4):
        raise UsageError("rows of probabilities must be 0 or more and sum to 1: apply softmax")
