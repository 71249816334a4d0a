"""The view of the photos that an audit check is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..base import Progress, cores, ordered_map
from ..errors import MissingExtra, PhotosError, UnreadablePhoto
from ..features import FeatureExtractors, FeatureMatrix, Neighbours
from ..photos import Photos, Scan, Shapes, assign_folds
from ._appearance import Appearance
from ._beliefs import Beliefs, fit_beliefs

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["AuditView", "LeftOut"]

Measure = TypeVar("Measure")


class LeftOut(Exception):
    """A check cannot look for its kinds in these photos; the message says why."""


@dataclass(frozen=True)
class AuditView:
    """The photos of an audit, and everything that was measured of them before the checks.

    Rows are those of `photos` everywhere; n is their number.

    Attributes
    ----------
    photos : Photos
    scans : list of Scan, length n
        A scan of each file: its SHA-256, format and size, and why it cannot be read.
    hashes : list of str, length n
        SHA-256 of the files that can be read; empty for the others.
    shapes : Shapes
        Widths and heights of the readable photos, upright.
    appearances : list of Appearance or None, length n
        Brightness, sharpness, entropy and border; None where a photo cannot be decoded.
    group : ndarray of int64, shape (n,)
        Photos that show the same picture share a number.
    together : ndarray of int64, shape (n,)
        Photos share a number that are never on both sides of a fold: they show the same picture, or
        their group was given.
    role : list of str, length n
        Role of each photo in training; see `Table`.
    features : FeatureMatrix
        Features from the backbones, each scaled to unit length.
    neighbours : Neighbours
        The nearest others of each row of ``features.values``.
    extractors : FeatureExtractors
        The backbones, for features of something else than whole photos.
    folds, seed : int
        Folds of the cross-validation behind `beliefs`, and the seed of their random numbers.
    progress : callable, optional
        Called with a text, how much is done, and how much there is.
    """

    photos: Photos
    scans: list[Scan]
    hashes: list[str]
    shapes: Shapes
    appearances: list[Appearance | None]
    group: Ints
    together: Ints
    role: list[str]
    features: FeatureMatrix
    neighbours: Neighbours
    extractors: FeatureExtractors
    folds: int = 5
    seed: int = 0
    progress: Progress | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.photos)

    @cached_property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return self.photos.classes

    @cached_property
    def labels(self) -> Ints:
        """Class of each photo, int64 (n,); -1 where there is not exactly one."""
        number = {name: i for i, name in enumerate(self.classes)}
        return np.array([number[p.label] if p.label else -1 for p in self.photos], np.int64)

    @property
    def beliefs(self) -> Beliefs:
        """Beliefs about what each photo shows, of models that did not train on it.

        They are fitted when first asked for.

        Raises
        ------
        LeftOut
            There are no two classes to learn from; a check that lets this pass is left out with
            the reason.
        """
        beliefs, trouble = self._learnt
        if beliefs is None:
            raise LeftOut(trouble)
        return beliefs

    @property
    def has_beliefs(self) -> bool:
        """Whether there are classes to learn from."""
        return self._learnt[0] is not None

    def measure(
        self, function: Callable[[Pixels], Measure], *, min_side: int | None = None
    ) -> list[Measure | None]:
        """Decode every readable photo and call a function on its pixels, in several threads.

        Parameters
        ----------
        function : callable
            Function of pixels, uint8 (H, W, 3), upright.
        min_side : int, optional
            Fewest pixels on the shorter side, down to which photos may be decoded smaller, and
            faster.

        Returns
        -------
        list of length n
            Results; None for photos that cannot be decoded.
        """

        def measured(row: int) -> Measure | None:
            if self.scans[row].problem:
                return None
            try:
                pixels = self.photos.decode(row, min_side=min_side)
            except (UnreadablePhoto, MissingExtra):
                return None
            return function(pixels)

        results = []
        for result in ordered_map(measured, range(len(self)), workers=cores()):
            results.append(result)
            if self.progress is not None:
                self.progress("measuring photos", len(results), len(self))
        return results

    @cached_property
    def _learnt(self) -> tuple[Beliefs | None, str]:
        """Beliefs about every photo, or None and the reason why there are none."""
        learning = (np.array(self.role) == "train") & (self.features.row >= 0)
        train = np.flatnonzero(learning)
        own = self.labels[train]
        if len(np.unique(own)) < max(2, len(self.classes)):
            return None, f"{len(np.unique(own))} class(es) with photos to learn from; 2 are needed"
        fold = np.full(len(self), -1, np.int64)
        try:
            fold[train] = assign_folds(
                own, self.together[train], n_folds=self.folds, seed=self.seed
            )
        except PhotosError as error:
            return None, str(error)
        beliefs = fit_beliefs(
            self.features.values,
            self.features.row,
            self.labels,
            fold,
            self.together,
            self.neighbours,
            n_classes=len(self.classes),
            progress=self.progress,
        )
        return beliefs, ""
