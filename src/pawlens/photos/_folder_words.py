"""Lists that say in numbers, or not at all, what the class folders of their photos say in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ._folder_names import split_words
from ._lists import Listing
from ._photo import Photo

__all__ = ["in_words_of_folders"]


def in_words_of_folders(listing: Listing, by_folder: Mapping[str, str]) -> Listing:
    """Give photos the names of their class folders, where a list numbers these or has splits alone.

    Parameters
    ----------
    listing : Listing
    by_folder : mapping of str to str
        Path -> class of the photos that lie in class folders.

    Returns
    -------
    Listing
        The same one, unless it has all photos of the folders, and a number for each class or
        nothing but splits, which no folder tells.
    """
    photos = listing.photos
    if not by_folder or {photo.path for photo in photos} != by_folder.keys():
        return listing
    if not any(photo.labels for photo in photos):
        if not all(photo.split for photo in photos) or any(map(_in_a_split, by_folder)):
            return listing
        return _named(listing, by_folder, "the class folders of the photos are their labels")
    pairs = {(";".join(photo.labels), by_folder[photo.path]) for photo in photos}
    numbers, words = ({pair[i] for pair in pairs} for i in (0, 1))
    if not len(pairs) == len(numbers) == len(words):
        return listing
    if not all(map(str.isdecimal, numbers)) or all(map(str.isdecimal, words)):
        return listing
    number, word = min(pairs)
    return _named(listing, by_folder, f"numbers are class folders, as {number} is {word!r}")


def _named(listing: Listing, by_folder: Mapping[str, str], note: str) -> Listing:
    photos: list[Photo] = [replace(one, labels=(by_folder[one.path],)) for one in listing.photos]
    return listing._replace(photos=photos, notes=[*listing.notes, note])


def _in_a_split(path: str) -> bool:
    return any(split_words(folder) for folder in PurePosixPath(path).parts[:-1])
