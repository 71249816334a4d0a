"""Tar shards as folders: one without labels beside its photos is read like a folder of its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...errors import PhotosError
from .._photo import Photo, natural_key
from ..decoding import why_not_photo
from ..layout import as_splits, check_splits, plain_name, read_layout
from ..lists import split_of_file
from ..stores import FolderStore, Skipped, Store
from ._shards import ShardStore

__all__ = ["ShardFolders"]


class ShardFolders:
    """The files in shards, as if each of several shards were a folder that is called so.

    ``cat.tar`` and ``dog.tar`` are class folders, ``train.tar`` and ``val.tar`` are splits, and
    ``shard-000000.tar`` is a part of a collection, as folders of these names would be. A shard
    alone is the whole.

    Parameters
    ----------
    store : ShardStore
    lists : sequence of str
        Files below the location, beside the shards, that may tell labels.
    """

    def __init__(self, store: ShardStore, lists: Sequence[str] = ()) -> None:
        self.location = store.location
        self._store, self._lists, self._around = store, lists, FolderStore(store.location)
        alone = not store.location.is_dir()
        folder_of = _folders([shard.place for shard in store.shards])
        self._in_store: dict[str, str] = {}
        self._split_of: dict[str, str | None] = {}
        self._folders: list[str] = []
        self._places: dict[str, str] = {}
        for shard in store.shards:
            inside = "" if alone else f"{shard.place.as_posix()}/"
            folder = folder_of[shard.place]
            around = "" if alone else f"{folder.as_posix()}/"
            self._in_store |= {around + n.removeprefix(inside): n for n in shard.names}
            self._split_of |= dict.fromkeys(shard.names, split_of_file(shard.place))
            self._folders += [around + name.removeprefix(inside) for name in shard.folders]
            self._folders += [] if alone else [folder.as_posix()]
            self._places[str(self.location / folder)] = str(self.location / shard.place)

    def names(self) -> list[str]:
        return sorted((*self._in_store, *self._lists))

    def folders(self) -> list[str]:
        return sorted(self._folders)

    def hidden(self) -> list[Skipped]:
        return self._store.hidden()

    def head(self, name: str) -> bytes:
        return self._of(name).head(self.in_store(name))

    def read(self, name: str) -> bytes:
        return self._of(name).read(self.in_store(name))

    def _of(self, name: str) -> Store:
        return self._around if name in self._lists else self._store

    def named(self, text: str) -> str:
        """Return a message in which shards are called as they are on disk."""
        for folder, place in self._places.items():
            if folder in text:
                escaped = place.replace("\\", r"\\")
                text = re.sub(rf"{re.escape(folder)}(?![\w.-])", escaped, text)
        return text.replace(
            "name the list instead of the folder", "join them to one beside the tars"
        )

    def in_store(self, name: str) -> str:
        """Return what a file is called in the shards."""
        return self._in_store.get(name, name)

    def class_folders(self) -> dict[str, str]:
        """Return path in the shards -> class, of the photos that lie in class folders by name."""
        names = sorted((n for n in self._in_store if why_not_photo(n) == ""), key=natural_key)
        try:
            photos = read_layout(names, str(self.location)).photos
        except PhotosError:  # nothing can be known of them, and labels beside photos tell more
            return {}
        return {
            self.in_store(photo.path): photo.labels[0]
            for photo in photos
            if photo.labels and photo.labels[0] in plain_name(photo.path).split("/")[:-1]
        }

    def photos(self, shown: Sequence[Photo], *, splits: bool) -> list[Photo]:
        """Return photos under their names in the shards, with the splits that shards' names tell.

        Splits that folders or a list tell are kept instead.

        Parameters
        ----------
        shown : sequence of Photo
        splits : bool
            Whether splits are wanted.

        Raises
        ------
        PhotosError
            The splits of the shards have not the same classes.
        """
        photos = [replace(photo, path=self.in_store(photo.path)) for photo in shown]
        if not splits or any(photo.split for photo in photos):
            return photos
        photos = [replace(photo, split=self._split_of.get(photo.path)) for photo in photos]
        check_splits(photos, str(self.location))
        return photos


def _folders(places: Sequence[Path]) -> dict[Path, Path]:
    """Return what folder each shard is: that of its split where each is another, or of its name."""
    plain = {place: place.with_suffix("") for place in places}
    alike = Counter(plain.values())
    splits = as_splits([name.as_posix() for name in plain.values()]) or {}
    if len(places) > 1 and len(set(splits.values())) == len(places):
        return {place: Path(splits[name.as_posix()]) for place, name in plain.items()}
    return {place: name if alike[name] == 1 else place for place, name in plain.items()}
