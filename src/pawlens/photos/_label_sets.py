"""Photos that may carry several labels at once: the word for none, and folds for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PhotosError
from ._photos import Photos
from ._rulings import Ruling
from ._too_few import why_too_few

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["NONE", "as_targets", "assign_label_folds", "check_labels", "in_one_order", "is_none"]

NONE = "none"
"""In place of a label: the photo is known to show none of them. An empty label means unknown."""


def is_none(label: str) -> bool:
    """Return whether a label is the word for none, in upper or lower case."""
    return label.casefold() == NONE


def in_one_order(photos: Photos, rulings: Sequence[Ruling | None]) -> Photos:
    """Put the labels of each photo in natural order, and `NONE` where a person decided so.

    Raises
    ------
    PhotosError
        A photo has the word for none beside other labels.
    """
    place = {label: number for number, label in enumerate(photos.classes)}
    rows = []
    for photo, ruling in zip(photos, rulings, strict=True):
        labels = tuple(sorted(photo.labels, key=place.__getitem__))
        if any(map(is_none, labels)):
            if len(labels) > 1:
                raise PhotosError(
                    f"{photos.location}: {photo.path!r} is labelled {';'.join(photo.labels)}; "
                    f"{NONE!r} means that it shows none of the labels, so it stands alone"
                )
            labels = (NONE,)
        elif not labels and ruling is not None and ruling.action == "relabel":
            labels = (NONE,)
        rows.append(replace(photo, labels=labels))
    return photos.with_rows(rows)


def as_targets(photos: Photos, classes: Sequence[str]) -> Bools:
    """Return which labels each photo carries, bool (n, K)."""
    number = {name: i for i, name in enumerate(classes)}
    targets = np.zeros((len(photos), len(classes)), bool)
    for row, photo in enumerate(photos):
        targets[row, [number[label] for label in photo.labels if label in number]] = True
    return targets


def check_labels(
    photos: Photos,
    classes: Sequence[str],
    targets: Bools,
    group: Ints,
    roles: tuple[Sequence[str], Sequence[str]],
) -> None:
    """Refuse labels that have too few photos to train on and to measure at once.

    Parameters
    ----------
    photos : Photos
        The table that the message names.
    classes : sequence of str, length K
    targets : ndarray of bool, shape (n, K)
        Labels of the photos that train.
    group : ndarray of int64, shape (n,)
    roles : tuple of two sequences of str
        Role and reason of every photo of the table; see `Table`.

    Raises
    ------
    PhotosError
        There is no label at all, or a label is carried by fewer than two different photos, or is
        missing from fewer than two.
    """
    if not classes:
        raise PhotosError(f"{photos.location}: no label but {NONE!r}; label what is to be found")
    for name, carried in zip(classes, targets.T, strict=True):
        for has, rows, mend in (
            ("with", carried, "add photos or leave the label out"),
            ("without", ~carried, f"add photos without it, labelled {NONE!r} if nothing is left"),
        ):
            different = len(set(group[rows].tolist()))
            if different < 2:
                if has == "with":
                    mend = f"{why_too_few(photos, name, *roles)}; {mend}"
                raise PhotosError(
                    f"{photos.location}: {different} different readable photo(s) {has} label "
                    f"{name!r} to train on, at least 2 are needed; {mend}"
                )


def assign_label_folds(targets: Bools, groups: Ints, *, n_folds: int, seed: int) -> Ints:
    """Assign every photo to a fold, stratified by combinations of labels, groups kept whole.

    Rare combinations are dealt out first, each to the fold that has fewest of it; of equals, to the
    one that lacks most of the combination's labels. That is iterative stratification (Sechidis et
    al. 2011) with combinations put before single labels, as Szymański and Kajdanowicz (2017) put
    pairs. A label's last group does not join a fold that has all the others.

    Parameters
    ----------
    targets : ndarray of bool, shape (n, K)
    groups : ndarray of int64, shape (n,)
        Near-duplicates share a number.
    n_folds : int
        Lowered to the number of groups where that is smaller.
    seed : int

    Returns
    -------
    ndarray of int64, shape (n,)
        Fold of each photo, from 0.

    Raises
    ------
    PhotosError
        The photos with a label, or those without it, cannot be put on both sides of every split.
    """
    _, inverse = np.unique(groups, return_inverse=True)
    sides = np.zeros((inverse.max() + 1, 2 * targets.shape[1]), bool)  # with a label, without it
    np.logical_or.at(sides, inverse, np.hstack([targets, ~targets]))
    _, kind, size = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    kind = kind.reshape(-1)
    shuffled = np.random.default_rng(seed).permutation(len(sides))
    order = shuffled[np.argsort(size[kind][shuffled], kind="stable")]
    dealt = _Dealt(sides, kind, min(n_folds, len(sides)))
    fold = np.empty(len(sides), np.int64)
    for unit in order:
        fold[unit] = dealt.deal(unit)
    if not ((dealt.of_side > 0).sum(axis=0) > 1).all():
        raise PhotosError(
            "photos with or without one of the labels are all in one fold; add photos or raise "
            "the number of folds"
        )
    return fold[inverse]


class _Dealt:
    """The photos that each fold has been dealt so far, and the choice of the next group's fold."""

    def __init__(self, sides: Bools, kind: Ints, n_folds: int) -> None:
        self._sides, self._kind = sides, kind
        self._left = sides.sum(axis=0)
        self._share = self._left / n_folds
        self._weight = 1 / np.maximum(self._left, 1)
        self._of_kind = np.zeros((n_folds, int(kind.max()) + 1), np.int64)
        self.of_side = np.zeros((n_folds, sides.shape[1]), np.int64)

    def deal(self, unit: int) -> int:
        """Put a group into the fold that suits it best, and return the number of the fold."""
        mine = np.flatnonzero(self._sides[unit])
        so_far = self.of_side[:, mine]
        last = (self._left[mine] == 1) & ((so_far > 0).sum(axis=0) == 1)
        confines = (so_far[:, last] > 0).sum(axis=1)
        lack = ((self._share[mine] - so_far) * self._weight[mine]).sum(axis=1)
        fold = int(np.lexsort((-lack, self._of_kind[:, self._kind[unit]], confines))[0])
        self._left[mine] -= 1
        self.of_side[fold, mine] += 1
        self._of_kind[fold, self._kind[unit]] += 1
        return fold
