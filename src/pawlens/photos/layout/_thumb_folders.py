"""Folders of thumbnails among photos, told from classes that have the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from ..decoding import why_not_photo
from ._part_names import is_of_a_division

__all__ = ["is_called_thumbnails", "thumbnail_folders"]

_THUMBNAILS = ("thumbs", "thumbnails")


def is_called_thumbnails(name: str) -> bool:
    """Return whether a folder's name says that it holds thumbnails, unless it is a class."""
    return name.casefold() in _THUMBNAILS


def thumbnail_folders(names: Iterable[str]) -> set[str]:
    """Return the folders that surely hold thumbnails of the photos around them.

    They lie beside photos, beside nothing but splits and the like, within a class, or hold the same
    folders as what is beside them. Beside other classes such a folder may be one.

    Parameters
    ----------
    names : iterable of str
        Relative POSIX paths of files.

    Returns
    -------
    set of str
        Relative POSIX paths of folders.
    """
    paths = [PurePosixPath(name) for name in names]
    if not any(is_called_thumbnails(part) for path in paths for part in path.parts[:-1]):
        return set()
    loose: set[PurePosixPath] = set()
    inside: dict[PurePosixPath, set[PurePosixPath]] = defaultdict(set)
    for path in paths:
        if why_not_photo(path.name) == "":
            loose.add(path.parent)
            for folder in path.parents[:-1]:
                inside[folder.parent].add(folder)
    called = {folder for own in inside.values() for folder in own}
    called = {folder for folder in called if is_called_thumbnails(folder.name)}
    return {str(folder) for folder in called if _is_sure(folder, loose, inside)}


def _is_sure(
    folder: PurePosixPath,
    loose: set[PurePosixPath],
    inside: dict[PurePosixPath, set[PurePosixPath]],
) -> bool:
    beside = {one for one in inside[folder.parent] if not is_called_thumbnails(one.name)}
    if folder.parent in loose or not beside:
        return folder.parent in loose
    own = {one.name for one in inside.get(folder, ())}
    others = {one.name for near in beside for one in (near, *inside.get(near, ()))}
    if own & others or all(is_of_a_division(one.name) for one in beside):
        return True
    above = [one for one in folder.parents[:-1] if len(inside[one.parent]) > 1]
    return not all(is_of_a_division(one.name) for one in above)
