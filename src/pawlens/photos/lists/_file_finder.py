"""The files that the photos of a list are, however the list writes their names."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections import defaultdict
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from ...errors import PhotosError
from ..decoding import why_not_photo
from ..layout import split_words
from ..stores import FolderStore, Store

__all__ = ["FileFinder", "Finder"]

_BESIDE = (".txt", ".json", ".xml", ".csv", ".tsv", ".jsonl", ".md", ".npy", ".parquet", ".html")
"""Endings of files that lie beside photos under the photos' names."""
_ENDING = re.compile(r"\.[A-Za-z]\w*$")
_UPLOAD = re.compile(r"[0-9a-f]{8}-(.+)")  # Label Studio puts this before the names of uploads


class Finder(Protocol):
    """Finds photos by what a list calls them."""

    def find(self, name: str, split: str | None = None) -> str | None:
        """Return the key of a photo, None where there is none; PhotosError where several may be."""

    def finds(self, name: str) -> bool:
        """Return whether there is at least one photo that may be meant."""

    def as_written(self, name: str) -> str:
        """Return the key that a name is, if it is one."""

    def tried(self, name: str) -> str:
        """Return where a photo was looked for, in words."""


class FileFinder:
    """Finds photos in a folder or an archive by what a list calls them.

    A name may be a path relative to the folder or absolute, from this computer, from another one or
    from Windows, a URL, or a file's name with or without its ending.

    Parameters
    ----------
    store : Store
        The folder or archive.
    base : str
        The list's own folder in it, which paths are relative to, if they are not to the whole; of
        files of one name those below it are meant.
    split : str or None
        The split of the list itself; of files of one name the one in a folder of that split is
        meant.
    """

    def __init__(self, store: Store, *, base: str = "", split: str | None = None) -> None:
        self._store, self._base, self._split = store, base, split
        self._members = None if isinstance(store, FolderStore) else frozenset(store.names())
        self._by_name: dict[str, list[str]] | None = None
        self._by_stem: dict[str, list[str]] = defaultdict(list)

    def tried(self, name: str) -> str:
        """Return where a photo of that name was looked for, and what a file there is called."""
        folder = self._store.location
        tried = f"{folder / self.as_written(name)} was tried, and every name below {folder}"
        photos = [file for file in self._store.names() if why_not_photo(file) == ""]
        number = _number(_ENDING.sub("", _clean(name)))
        alike = (file for file in photos if number and _number(PurePosixPath(file).stem) == number)
        example = next(alike, photos[0] if photos else None)
        return tried if example is None else f"{tried}, one of which is {example!r}"

    def as_written(self, name: str) -> str:
        """Return the path that a name is, if it is one."""
        path = posixpath.normpath(posixpath.join(self._base, _clean(name)))
        inside = f"{self._store.location.as_posix().rstrip('/')}/"
        if path.startswith("/") and not inside.startswith("/"):
            inside = f"{self._store.location.absolute().as_posix()}/"
        return path.removeprefix(inside)

    def finds(self, name: str) -> bool:
        """Return whether there is at least one file that may be meant."""
        try:
            return self.find(name) is not None
        except PhotosError:
            return True

    def find(self, name: str, split: str | None = None) -> str | None:
        """Find the file of a photo: where its path leads, or else by its name anywhere.

        Parameters
        ----------
        name : str
            What the list calls it.
        split : str or None
            The split that the list puts it in.

        Returns
        -------
        str or None
            The file's path relative to the folder; None where there is no such file.

        Raises
        ------
        PhotosError
            Several files may be meant.
        """
        path = _clean(name)
        if path in ("", "."):
            return None
        beside = posixpath.join(self._base, path)  # ".." of a linked folder leads elsewhere
        for place in dict.fromkeys((self.as_written(name), posixpath.normpath(path), beside)):
            if self._is_file(place):
                return place
        parts = PurePosixPath(path).parts
        found = self._candidates(parts[-1])
        if len(found) > 1:
            found = _nearest(found, parts)
        if len(found) > 1 and self._base:
            found = [file for file in found if file.startswith(f"{self._base}/")] or found
        if len(found) > 1:
            wanted = split or self._split
            found = [file for file in found if wanted and _in_split(file, wanted)] or found
        if len(found) > 1:
            raise PhotosError(
                f"{name!r} may be {found[0]!r} or {found[1]!r}; write the path from "
                f"{self._store.location} instead"
            )
        return found[0] if found else None

    def _is_file(self, path: str) -> bool:
        if self._members is not None:
            return path in self._members
        return os.path.isfile(self._store.location / path)

    def _candidates(self, last: str) -> list[str]:
        """Files of this name, or with this name before their ending."""
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for file in self._store.names():
                pure = PurePosixPath(file)
                self._by_name[_key(pure.name)].append(file)
                if pure.suffix.lower() not in _BESIDE:
                    self._by_stem[_key(pure.stem)].append(file)
        upload = _UPLOAD.fullmatch(last)
        for one in (last, *(upload.groups() if upload else ())):
            for known in (self._by_name, self._by_stem):
                files = known.get(_key(one), [])
                same = [file for file in files if one in (_name(file), PurePosixPath(file).stem)]
                if files:
                    return same or files
        return []


def _clean(name: str) -> str:
    """Write a path, a path of Windows or a URL as a POSIX path."""
    if "://" in name or name.startswith("/data/local-files/?"):
        with suppress(ValueError):  # no URL after all, as http://[1.jpg
            url = urlsplit(name)
            query = parse_qs(url.query).get("d", [])  # Label Studio's local files
            name = query[0] if query else unquote(url.path)
    return PurePosixPath(name.replace("\\", "/")).as_posix()


def _key(name: str) -> str:
    """A name without the differences that systems make between equal names."""
    return unicodedata.normalize("NFC", name).casefold()


def _number(name: str) -> str | None:
    """The number that a name is or ends in, however many zeros it is written with."""
    found = re.search(r"(\d+)(?:\.0+)?$", name)
    return (found[1].lstrip("0") or "0") if found else None


def _name(file: str) -> str:
    return PurePosixPath(file).name


def _nearest(files: list[str], parts: tuple[str, ...]) -> list[str]:
    """Keep the files that share the most of the folders before the name."""

    def shared(file: str) -> int:
        pairs = zip(reversed(PurePosixPath(file).parts[:-1]), reversed(parts[:-1]), strict=False)
        count = 0
        for ours, theirs in pairs:
            if _key(ours) != _key(theirs):
                break
            count += 1
        return count

    most = max(map(shared, files))
    return [file for file in files if shared(file) == most]


def _in_split(file: str, split: str) -> bool:
    folders = PurePosixPath(file).parts[:-1]
    return any(split_words(folder) == {split} for folder in folders)
