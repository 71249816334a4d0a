"""Lists among photos, in a folder or an archive, and whether they or paths tell the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from .._photo import Photo
from ..layout import Told, check_splits
from ..lists import (
    NO_LABEL,
    Candidate,
    ColumnNames,
    Listing,
    find_lists,
    how_to_take,
    joined,
    judge,
    lists_of_splits,
    serves,
    splits_of_lists,
    together,
)
from ..stores import Skipped, Store
from ._numbers_as_words import in_words_of_paths

__all__ = ["ListChoice", "choose_list"]

_FEW = 4  # labels, which may all be different
_SHARED = 0.8  # of labels, at most, are different ones


class ListChoice(NamedTuple):
    """What lists and paths tell of photos.

    Attributes
    ----------
    listing : Listing or None
        The list that tells the labels, if one does.
    photos : sequence of Photo
        Where none does: photos as paths tell them, with what lists add.
    used : sequence of str
        Names of the lists that tell labels, splits or columns, apart from those in `skipped`.
    skipped : sequence of Skipped
        Lists that tell no labels, and photos that lists leave out.
    further : mapping of str to mapping of str to str
        Columns of all lists; see `Listing`.
    notes : sequence of str
        What a person should know of the choice, a sentence each.
    any_list : bool
        Whether any list of these photos was read.
    """

    listing: Listing | None
    photos: Sequence[Photo]
    used: Sequence[str]
    skipped: Sequence[Skipped]
    further: Mapping[str, Mapping[str, str]]
    notes: Sequence[str]
    any_list: bool


def choose_list(store: Store, told: Told, columns: ColumnNames) -> ListChoice:
    """Choose between the lists that lie among photos and what the photos' paths tell.

    A list whose labels are sure to be such, and that has all photos, wins over labels in file names
    and over class folders of other classes. Where it says the same of fewer photos, or may mean
    something else, paths tell the labels, and lists tell splits and columns alone.

    Parameters
    ----------
    store : Store
    told : Told
        What paths tell.
    columns : ColumnNames
        Columns that a person named.

    Raises
    ------
    PhotosError
        Several lists may be meant, a list cannot be read, or it contradicts what paths tell.
    """
    found, skipped = find_lists(store, told, columns)
    wanted = columns.label not in (None, NO_LABEL)
    labelled = [one for one in found if one.labelled]
    sure = [one for one in labelled if wanted or _tells_classes(one, told)]
    if not told.labels:
        read = [one for one in found if one.problem is None]
        named = [one for one in labelled if one.sure or not one.listing.columns.names]
        used = together(store, named or labelled or read)
        return _by_list(store, told, found, used, skipped, [])
    used = together(store, sure, mend="; --label-column none takes the labels of paths")
    listing = joined(store, used)
    if listing is None:
        return _by_paths(store, told, found, [], skipped, [])
    listing = in_words_of_paths(listing, told.labels)
    names = " and ".join(one.name for one in used)
    verdict = judge(listing, names, told, store.location, wanted=wanted)
    notes = [verdict.why] if verdict.why else []
    if verdict.by == "list":
        return _by_list(store, told, found, used, skipped, notes)
    if verdict.by == "same":
        skipped += [Skipped(one.name, verdict.why) for one in used]
        return _by_paths(store, told, found, sure, skipped, [])
    if verdict.by == "both":
        added = {p.path: p for p in listing.photos if p.labels and p.path not in told.labels}
        told = Told([_with_labels(photo, added.get(photo.path)) for photo in told.photos])
        check_splits(told.photos, str(store.location))
        return _by_paths(store, told, found, sure, skipped, [*listing.notes, *notes])
    heard = [one.without_labels() for one in sure]
    found = [one for one in found if one not in sure] + heard
    return _by_paths(store, told, found, heard, skipped, notes)


def _tells_classes(one: Candidate, told: Told) -> bool:
    """Return whether labels of a list are the classes of paths, or are sure to be others.

    Where hardly two photos share a label, it is a name or a measure.
    """
    photos = in_words_of_paths(one.listing, told.labels).photos
    labels = [label for photo in photos for label in photo.labels]
    shared = len(labels) < _FEW or len(set(labels)) <= _SHARED * len(labels)
    return (one.sure and shared) or set(labels) <= told.classes


def _with_labels(photo: Photo, listed: Photo | None) -> Photo:
    if listed is None:
        return photo
    return replace(photo, labels=listed.labels, split=photo.split or listed.split)


def _by_list(
    store: Store,
    told: Told,
    found: Sequence[Candidate],
    labelled: Sequence[Candidate],
    skipped: Sequence[Skipped],
    notes: Sequence[str],
) -> ListChoice:
    """Take the labels of lists, and the splits of others; all tell columns."""
    others = [one for one in found if one not in labelled]
    plain = [one.without_labels() for one in others if one.problem is None]
    given = any(photo.split for one in labelled for photo in one.listing.photos)
    of_splits = [
        one
        for one in lists_of_splits(plain, [one.split for one in labelled])
        if one.listing.columns.split is None or not given
    ]
    used = [*labelled, *of_splits]
    names = [one.name for one in used]
    rest = [one for one in others if one.name not in names]
    teller = " and ".join(one.name for one in labelled)
    skipped = [
        *skipped,
        *(
            Skipped(one.name, f"not used for labels, as {teller} tells them")
            if one.labelled
            else Skipped(one.name, one.why)
            for one in rest
        ),
    ]
    rest = [one if one.sure else one.without_labels() for one in rest]
    listing = joined(store, used)
    listing = listing and in_words_of_paths(listing, told.labels)
    further = _columns([one.listing for one in (*used, *rest)], told)
    return ListChoice(listing, told.photos, names, skipped, further, notes, bool(found))


def _by_paths(
    store: Store,
    told: Told,
    found: Sequence[Candidate],
    heard: Sequence[Candidate],
    skipped: Sequence[Skipped],
    notes: Sequence[str],
) -> ListChoice:
    """Take the labels that paths tell; lists tell splits and columns.

    `heard` are the lists whose labels have been told of.
    """
    known = {one.name for one in heard}
    plain = [one if one in heard else one.without_labels() for one in found]
    splits = splits_of_lists(store, told, [one.without_labels() for one in plain])
    of_splits = {one.name for one in splits.used}
    skipped = [one for one in skipped if one.path not in of_splits]
    used = {*known, *of_splits} - {one.path for one in skipped}
    skipped, notes = [*skipped, *splits.left], list(notes)
    for one in found:
        if one.labelled and one.name not in known:
            used.add(one.name)
            notes.append(
                f"{one.name} is not used for labels, as {told.teller} tell them ({told.shown}); "
                f"{how_to_take(one.listing.columns)}{serves(one.listing.columns)}"
            )
        elif not one.labelled and one.name not in used:
            skipped.append(Skipped(one.name, one.why))
    further = _columns([one.listing for one in plain], told)
    notes += splits.notes
    return ListChoice(None, splits.photos, sorted(used), skipped, further, notes, bool(found))


def _columns(listings: Sequence[Listing], told: Told) -> Mapping[str, Mapping[str, str]]:
    """Join the columns of lists; what one list says of a photo, none says otherwise."""
    there = {photo.path for photo in told.photos}
    there.update(photo.path for listing in listings[:1] for photo in listing.photos)
    further: dict[str, dict[str, str]] = {}
    for listing in listings:
        for column, values in listing.further.items():
            known = further.setdefault(column, {})
            known.update((p, v) for p, v in values.items() if p in there and p not in known)
    return further
