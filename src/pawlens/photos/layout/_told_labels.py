"""What the paths of photos tell of them: the class folders that they lie in, or their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...base import first_few
from .._photo import Photo, natural_key
from ._folder_names import plain_name

__all__ = ["Told"]

_SHOWN = 4


@dataclass(frozen=True)
class Told:
    """Photos with the labels, splits and folds that their paths tell.

    Attributes
    ----------
    photos : sequence of Photo
        All photos of the folder or archive; without labels where no path tells them.
    """

    photos: Sequence[Photo]

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Path -> class of the photos whose paths tell one."""
        return {photo.path: photo.labels[0] for photo in self.photos if photo.labels}

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes that paths tell."""
        return frozenset(self.labels.values())

    @cached_property
    def by_folder(self) -> bool:
        """Whether folders tell the classes, and not the names of files."""
        return any(label in plain_name(path).split("/")[:-1] for path, label in self.labels.items())

    @cached_property
    def parted(self) -> bool:
        """Whether folders tell splits or folds."""
        return any(photo.split or photo.fold for photo in self.photos)

    @property
    def teller(self) -> str:
        """What tells the classes, in words."""
        return "class folders" if self.by_folder else "file names"

    @property
    def shown(self) -> str:
        """A few of the classes."""
        names = sorted(self.classes, key=natural_key)
        return first_few(names, _SHOWN, str)
