"""Several lists of photos that stand together: of splits, of folders, or of labels and splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ...errors import PhotosError
from .._photo import Photo
from ..layout import check_splits
from ..stores import Store
from ._lists import Listing

__all__ = ["Candidate", "joined", "together"]


class Candidate(NamedTuple):
    """A list that lies among photos.

    Attributes
    ----------
    name : str
    split : str or None
        The split that its name tells.
    listing : Listing
    read_plain : callable
        Reads the same without labels: what may be the labels is among the further columns.
    sure : bool
        Whether what it says is sure to be labels.
    problem : PhotosError or None
        Why its labels cannot be read, where it was read for its other columns alone.
    why : str
        Why it tells no labels.
    """

    name: str
    split: str | None
    listing: Listing
    read_plain: Callable[[], Listing]
    sure: bool = False
    problem: PhotosError | None = None
    why: str = "a list without labels"

    @property
    def labelled(self) -> bool:
        """Whether any photo has a label."""
        return any(photo.labels for photo in self.listing.photos)

    def without_labels(self) -> Candidate:
        """Return the list as one that tells splits and columns alone."""
        return self._replace(listing=self.read_plain()) if self.labelled else self


def together(store: Store, labelled: Sequence[Candidate], mend: str = "") -> list[Candidate]:
    """Choose the lists of labels that stand together: one a split, one a folder, or a single one.

    Parameters
    ----------
    store : Store
    labelled : sequence of Candidate
    mend : str
        A further way out, for the message.

    Raises
    ------
    PhotosError
        Several lists may be meant.
    """
    kept: list[Candidate] = []
    for one in labelled:
        if not any(_says_the_same(one, other) for other in kept):
            kept.append(one)
    splits = [one.split for one in kept]
    of_splits = None not in splits and len(set(splits)) == len(splits)
    if len(kept) > 1 and not of_splits and not _of_own_folders(kept):
        names = ", ".join(one.name for one in kept)
        raise PhotosError(
            f"{store.location}: {len(kept)} lists of its photos ({names}); name the list that is "
            f"meant instead of the folder, or join them to one{mend}"
        )
    return kept


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    ours = {photo.path: (photo.labels, photo.split) for photo in one.listing.photos}
    theirs = {photo.path: (photo.labels, photo.split) for photo in other.listing.photos}
    return ours == theirs


def _of_own_folders(lists: Sequence[Candidate]) -> bool:
    """Return whether no two lists name photos of one folder, and all have the same columns."""
    folders = [{PurePosixPath(photo.path).parent for photo in one.listing.photos} for one in lists]
    apart = sum(map(len, folders)) == len(set.union(*folders))
    return apart and len({_column(one) for one in lists}) == 1


def _column(one: Candidate) -> tuple[str, ...]:
    """Return the names of the columns of labels."""
    columns = one.listing.columns
    return tuple(columns.one_hot.values()) or (columns.name(columns.label or 0),)


def joined(store: Store, used: Sequence[Candidate]) -> Listing | None:
    """Join lists to one; None where there is none.

    Raises
    ------
    PhotosError
        Two lists say different things of a photo, or splits have different classes.
    """
    if len(used) < 2:
        return used[0].listing if used else None
    photos: dict[str, Photo] = {}
    further: dict[str, dict[str, str]] = {}
    for one in used:
        for photo in one.listing.photos:
            photos[photo.path] = _of_both(photos.get(photo.path, photo), photo, store, one)
        for column, values in one.listing.further.items():
            further.setdefault(column, {}).update(values)
    check_splits(photos.values(), str(store.location))
    notes = [note for one in used for note in one.listing.notes]
    return Listing(list(photos.values()), further, notes, used[0].listing.columns)


def _of_both(photo: Photo, again: Photo, store: Store, one: Candidate) -> Photo:
    """Join what a list of labels and one of splits say of a photo; one alone may say it."""
    if photo == again:
        return photo
    if (photo.labels and again.labels) or (photo.split and again.split):
        raise PhotosError(
            f"{store.location}: {photo.path!r} is in several lists, one of them {one.name}; name "
            "one of them instead of the folder"
        )
    return replace(photo, labels=photo.labels or again.labels, split=photo.split or again.split)
