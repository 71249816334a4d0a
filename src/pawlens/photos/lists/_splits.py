"""Splits that lists tell of photos whose labels are told by their paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from .._photo import Photo
from ..layout import Told, check_splits
from ..stores import Skipped, Store
from ._join import Candidate, joined

__all__ = ["Splits", "lists_of_splits", "splits_of_lists"]


class Splits(NamedTuple):
    """Photos in the splits that lists tell.

    Attributes
    ----------
    photos : sequence of Photo
    used : sequence of Candidate
        The lists that told splits.
    left : sequence of Skipped
        Photos that no list names.
    notes : sequence of str
    """

    photos: Sequence[Photo]
    used: Sequence[Candidate]
    left: Sequence[Skipped]
    notes: Sequence[str]


def splits_of_lists(store: Store, told: Told, lists: Sequence[Candidate]) -> Splits:
    """Put photos into the splits of lists, where no folder tells any.

    Where a list names those that train, photos that are in no list are left out; where lists name
    only those that are held out, the others train.

    Parameters
    ----------
    store : Store
    told : Told
    lists : sequence of Candidate
        Lists without labels.

    Raises
    ------
    PhotosError
        A photo is in two splits, or splits have different classes.
    """
    used = lists_of_splits(lists)
    if told.parted:
        return Splits(told.photos, [], [], _not_used(told, used))
    listing = joined(store, used)
    if listing is None:
        return Splits(told.photos, [], [], [])
    split_of = {photo.path: photo.split for photo in listing.photos}
    names = " and ".join(one.name for one in used)
    trains = "train" in split_of.values()
    rows: list[Photo] = []
    others: list[Photo] = []
    for photo in told.photos:
        if photo.path in split_of:
            rows.append(replace(photo, split=split_of[photo.path]))
        elif not photo.labels:
            rows.append(photo)
        else:
            others.append(photo)
            rows += [] if trains else [replace(photo, split="train")]
    check_splits(rows, str(store.location))
    notes = list(listing.notes)
    if others:
        become = "are left out" if trains else "train"
        notes.append(f"{len(others):,} photos are not in {names} and {become}, as {others[0].path}")
    left = [Skipped(photo.path, f"not in {names}") for photo in others] if trains else []
    return Splits(rows, used, left, notes)


def _not_used(told: Told, lists: Sequence[Candidate]) -> list[str]:
    """Name lists of other splits than those of the folders."""
    split_of = {photo.path: photo.split for photo in told.photos}
    return [
        f"splits of {one.name} are not used, as folders tell splits or folds; name a list of all "
        "photos instead of the folder"
        for one in lists
        if any(
            photo.split and split_of.get(photo.path) != photo.split for photo in one.listing.photos
        )
    ]


def lists_of_splits(
    lists: Sequence[Candidate], known: Collection[str | None] = ()
) -> list[Candidate]:
    """Choose lists that tell splits: in a column, or by their names.

    The name of a single table may tell something else, as ``test_results.csv``; that of a list of
    nothing but files, and those of tables of several splits without a photo in common, do not.

    Parameters
    ----------
    lists : sequence of Candidate
        Lists without labels.
    known : collection of str or None
        Splits that lists of labels tell by their names.
    """
    by_column = [one for one in lists if one.listing.columns.split is not None]
    by_name = [one for one in lists if one.split and one.split not in known]
    several = len({one.split for one in by_name}.union(known) - {None}) > 1
    paths = Counter(photo.path for one in by_name for photo in one.listing.photos)
    if not several or max(paths.values(), default=0) > 1:
        by_name = [one for one in by_name if not one.listing.further]
    return by_column or by_name
