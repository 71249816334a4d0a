"""The folders of subjects beneath those of the classes: ``cat/train/rex/1.jpg`` is of ``rex``."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from .._photo import Photo
from ..layout import as_dates, as_folds, as_parts, is_generic, is_numbered, split_of, split_words

__all__ = ["subject_folders"]


def subject_folders(photos: Sequence[Photo], *, in_classes: bool = False) -> list[str | None]:
    """Return the folder of each photo's subject: the first that is one beneath that of the class.

    Splits, folds and words for nothing (``images``) are passed, and days and years where folders
    lie in them.

    Parameters
    ----------
    photos : sequence of Photo
    in_classes : bool
        Whether photos that lie in no folder of their class have no subject. By default it is the
        last folder that may be one.

    Returns
    -------
    list of str or None
        None where no folder may be that of a subject.
    """
    place = [_place_of_class(photo) for photo in photos]
    named = [
        [name for name in photo.path.split("/")[at:-1] if not _is_passed(photo, name)]
        for photo, at in zip(photos, place, strict=True)
    ]
    in_days = as_dates({names[0] for names, at in zip(named, place, strict=True) if at and names})
    found: list[str | None] = []
    for names, at in zip(named, place, strict=True):
        if not at:
            found.append(None if in_classes else _subject(names[::-1]))
        else:
            found.append(_subject(names[1:] if in_days and len(names) > 1 else names))
    return found


def _place_of_class(photo: Photo) -> int:
    """Return how many folders lead to that of the class, with it; 0 where there is none."""
    for label in photo.labels:
        for place, name in enumerate(photo.path.split("/")[:-1]):
            if _same_name(name.strip(), label):
                return place + 1
    return 0


def _is_passed(photo: Photo, name: str) -> bool:
    """Return whether a folder is a split, a fold or a word for nothing."""
    if split_of(name) or (photo.split and split_words(name) == {photo.split}):
        return True
    if as_folds([name]) or (photo.fold is not None and _same_name(name, photo.fold)):
        return True
    return is_generic(name) and not is_numbered(name)


def _subject(names: Sequence[str]) -> str | None:
    """Return the first name that is no part of a collection, or else the first one."""
    first = names[0] if names else None
    return next((name for name in names if not _is_part(name)), first)


def _is_part(name: str) -> bool:
    return as_parts([name]) and not as_dates([name])


def _same_name(one: str, other: str) -> bool:
    """Return whether two names are the same, in whatever Unicode form."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
