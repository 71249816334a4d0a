"""What a person should know of the groups of photos: how many, how few, and on which sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...base import first_few
from ...errors import PhotosError
from ..groups import photos_by_group
from ._folds import folds_possible

if TYPE_CHECKING:
    import numpy.typing as npt

    from .._photos import Photos

    Ints = npt.NDArray[np.int64]

__all__ = ["apart_from_classes", "astride_folds", "astride_splits", "fewer_folds"]


def apart_from_classes(photos: Photos, classes: Sequence[str], label: Ints, group: Ints) -> None:
    """Refuse a class whose photos are all of one group: it cannot be trained on and measured.

    Raises
    ------
    PhotosError
        The photos of a class are of one group alone.
    """
    number, count = folds_possible(label, group)
    if count < 2:
        own = [photos[int(row)].group for row in np.flatnonzero(label == number)]
        name = next((name for name in own if name), "its near-duplicates")
        raise PhotosError(
            f"{photos.location}: all photos of class {classes[number]!r} are of one group "
            f"({name!r}), which cannot train and be measured at once; at least 2 groups are "
            "needed: add photos of others, or give groups that tell the photos of this class apart"
        )


def fewer_folds(
    classes: Sequence[str], label: Ints, group: Ints, fold: Ints, *, wanted: int
) -> list[str]:
    """Say that photos were dealt into fewer folds than were wanted, and why."""
    found = int(fold.max()) + 1
    if found >= wanted:
        return []
    why = f"there are {len(np.unique(group)):,} groups"
    if (label >= 0).all():
        number, count = folds_possible(label, group)
        why = f"the photos of class {classes[number]!r} are of {count:,} groups"
    return [
        f"{found} folds instead of {wanted}: {why}, and no group is on both sides of a fold; add "
        f"photos of others, or ask for --folds {found}"
    ]


def astride_splits(photos: Photos, role: Sequence[str]) -> list[str]:
    """Say which groups are on both sides of a split that the user made."""
    notes = []
    learnt = {photo.group for photo, part in zip(photos, role, strict=True) if part == "train"}
    for split in ("valid", "test"):
        held = photos.subset([row for row, part in enumerate(role) if part == split])
        both = {name: own for name, own in photos_by_group(held).items() if name in learnt}
        if both:
            count = sum(map(len, both.values()))
            notes.append(
                f"{count:,} of {len(held):,} photos of the split {split!r} are of groups that also "
                f"train ({first_few(list(both))}): what is measured there is too good for new "
                "ones; move each group to one side"
            )
    return notes


def astride_folds(photos: Photos, fold: Ints) -> list[str]:
    """Say which groups are in several of the folds that the user made."""
    named: dict[str, set[int]] = {}
    for photo, number in zip(photos, fold.tolist(), strict=True):
        if photo.group:
            named.setdefault(photo.group, set()).add(number)
    both = [name for name, folds in named.items() if len(folds) > 1]
    if not both:
        return []
    return [
        f"{len(both):,} of {len(named):,} groups are in several of the given folds "
        f"({first_few(both)}): what is measured is too good for new ones; move each group to one "
        "fold, or leave --folds given out"
    ]
