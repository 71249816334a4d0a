"""Lists that say in numbers what the paths of their photos say in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._photo import Photo
from ..lists import Listing

__all__ = ["in_words_of_paths"]


def in_words_of_paths(listing: Listing, told: Mapping[str, str]) -> Listing:
    """Give photos the names of classes that paths tell, where a list numbers these.

    Parameters
    ----------
    listing : Listing
    told : mapping of str to str
        Path -> class of the photos whose folders or names tell one.

    Returns
    -------
    Listing
        The same one, unless it has a number for each class, and only such.
    """
    labelled = [photo for photo in listing.photos if photo.labels]
    pairs = {(";".join(photo.labels), told[photo.path]) for photo in labelled if photo.path in told}
    word_of = dict(pairs)
    words = set(word_of.values())
    if not pairs or not len(pairs) == len(word_of) == len(words):
        return listing
    if not all(map(str.isdecimal, word_of)) or all(map(str.isdecimal, words)):
        return listing
    if any(";".join(photo.labels) not in word_of for photo in labelled):
        return listing
    number, word = min(pairs)
    photos: list[Photo] = [
        replace(one, labels=(word_of[";".join(one.labels)],)) if one.labels else one
        for one in listing.photos
    ]
    note = f"numbers are the classes that paths tell, as {number} is {word!r}"
    return listing._replace(photos=photos, notes=[*listing.notes, note])
