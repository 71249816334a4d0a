"""Photos that may carry several labels at once, and the word for none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import PhotosError
from .._photo import NONE, is_none
from .._photos import Photos
from ._rulings import Ruling
from ._too_few import why_too_few

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["as_targets", "check_labels", "in_one_order"]


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
