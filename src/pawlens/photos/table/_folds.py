"""Folds: photos are dealt to them stratified by class or label, and groups stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import PhotosError

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["assign_folds", "assign_label_folds", "folds_possible"]

_ALIKE = 3
"""Photos in the largest group up to which groups are dealt by their number and not by their size:
near-duplicates are pairs, seldom three."""


def folds_possible(labels: Ints, groups: Ints) -> tuple[int, int]:
    """Count the folds to which every class can be dealt: the number of groups of its rarest class.

    Parameters
    ----------
    labels, groups : ndarray of int64, shape (n,)

    Returns
    -------
    class_number, count : int
        The class whose photos are of the fewest groups, and the number of these.
    """
    pairs = np.unique(np.column_stack([labels, groups]), axis=0)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    rarest = int(counts.argmin())
    return int(numbers[rarest]), int(counts[rarest])


def assign_folds(labels: Ints, groups: Ints, *, n_folds: int, seed: int) -> Ints:
    """Assign every photo to a fold, stratified by class, groups kept whole.

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
    groups : ndarray of int64, shape (n,)
        Photos that belong together share a number.
    n_folds : int
        Number of folds, lowered to `folds_possible` where that is smaller.
    seed : int

    Returns
    -------
    ndarray of int64, shape (n,)
        Fold of each photo, from 0.

    Raises
    ------
    PhotosError
        A class has fewer than two groups, so that it cannot be on both sides of a split.

    Notes
    -----
    Groups of up to three photos of one class are dealt by scikit-learn's
    `StratifiedKFold`, which is exact there. Larger or mixed ones are dealt by their photos, as
    `assign_label_folds` does.
    """
    from sklearn.model_selection import StratifiedKFold

    _, possible = folds_possible(labels, groups)
    if possible < 2:
        raise PhotosError("a class has fewer than 2 different photos; folds need at least 2")
    _, representative, inverse = np.unique(groups, return_index=True, return_inverse=True)
    of_group = labels[representative]
    mixed = np.unique(inverse[labels != of_group[inverse]])
    pure = np.bincount(np.delete(of_group, mixed), minlength=int(labels.max()) + 1)
    least = int(pure[np.unique(labels)].min())
    if np.bincount(inverse).max() > _ALIKE or least < min(n_folds, possible):
        one_hot = labels[:, None] == np.unique(labels)
        return _deal_groups(one_hot, inverse, n_folds=min(n_folds, possible), seed=seed)
    splitter = StratifiedKFold(min(n_folds, possible), shuffle=True, random_state=seed)
    fold = np.empty(len(representative), np.int64)
    for number, (_, chosen) in enumerate(splitter.split(of_group, of_group)):
        fold[chosen] = number
    return fold[inverse]


def assign_label_folds(targets: Bools, groups: Ints, *, n_folds: int, seed: int) -> Ints:
    """Assign every photo to a fold, stratified by combinations of labels, groups kept whole.

    Where a group has more than three photos, large groups are dealt out first, each to the fold
    whose size and whose shares of the labels it makes least uneven; else a group counts as one
    photo. Single photos follow, rare combinations of labels first, each
    to the fold that has fewest of it; of equals, to the one that lacks most of the combination's
    labels. That is iterative stratification (Sechidis et al. 2011) with combinations put before
    single labels, as Szymański and Kajdanowicz (2017) put pairs. A label's last group does not join
    a fold that has all the others.

    Parameters
    ----------
    targets : ndarray of bool, shape (n, K)
    groups : ndarray of int64, shape (n,)
        Photos that belong together share a number.
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
    return _deal_groups(np.hstack([targets, ~targets]), inverse, n_folds=n_folds, seed=seed)


def _deal_groups(sides: Bools, inverse: Ints, *, n_folds: int, seed: int) -> Ints:
    """Deal groups to folds by what their photos are: a class, or with and without each label."""
    photos = np.zeros((inverse.max() + 1, sides.shape[1]), np.int64)
    np.add.at(photos, inverse, sides)
    members = np.bincount(inverse)
    if members.max() <= _ALIKE:
        photos, members = (photos > 0).astype(np.int64), np.ones_like(members)
    _, kind, size = np.unique(photos > 0, axis=0, return_inverse=True, return_counts=True)
    kind = kind.reshape(-1)
    shuffled = np.random.default_rng(seed).permutation(len(photos))
    order = shuffled[np.lexsort((size[kind][shuffled], -members[shuffled]))]
    dealt = _Dealt(photos, kind, min(n_folds, len(photos)))
    fold = np.empty(len(photos), np.int64)
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

    def __init__(self, photos: Ints, kind: Ints, n_folds: int) -> None:
        self._photos, self._kind = photos, kind
        self._left = (photos > 0).sum(axis=0)
        everything = photos.sum(axis=0)
        self._share = everything / n_folds
        self._weight = 1 / np.maximum(everything, 1)
        self._total = everything.sum()
        self._of_kind = np.zeros((n_folds, int(kind.max()) + 1), np.int64)
        self.of_side = np.zeros((n_folds, photos.shape[1]), np.int64)

    def deal(self, unit: int) -> int:
        """Put a group into the fold that suits it best, and return the number of the fold."""
        own = self._photos[unit]
        mine = np.flatnonzero(own)
        so_far = self.of_side[:, mine]
        last = (self._left[mine] == 1) & ((so_far > 0).sum(axis=0) == 1)
        confines = (so_far[:, last] > 0).sum(axis=1)
        if own[mine].max() > 1:
            worse = self._unevenness(self.of_side + own) - self._unevenness(self.of_side)
            needed = self._left[mine] <= (so_far == 0).sum(axis=0)  # by the folds that lack them
            has = (so_far[:, needed] > 0).sum(axis=1)
            fold = int(np.lexsort((worse, has, confines))[0])
        else:
            lack = ((self._share[mine] - so_far) * self._weight[mine]).sum(axis=1)
            fold = int(np.lexsort((-lack, self._of_kind[:, self._kind[unit]], confines))[0])
        self._left[mine] -= 1
        self.of_side[fold, mine] += own[mine]
        self._of_kind[fold, self._kind[unit]] += own.sum()
        return fold

    def _unevenness(self, of_side: Ints) -> Floats:
        """Measure how far a fold's size and its shares of the labels are from even, float64 (F,).

        A fold that has too much of one class leaves too little of it to the model that answers
        the fold, which then expects the other class: with few groups, worse than a coin toss.
        """
        size = of_side.sum(axis=1) / self._total
        apart = of_side * self._weight - size[:, None]
        return np.asarray((apart**2).sum(axis=1) + (size - 1 / len(size)) ** 2)
