"""Levels of folders, read from the top: around everything, splits, folds, parts, or classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn

from ..errors import PhotosError
from ._file_labels import labels_of_files
from ._folder_names import (
    UNLABELLED,
    as_folds,
    as_parts,
    as_splits,
    is_generic,
    is_unlabelled,
    loose_name,
    masks_among,
    split_of,
    splits_of_classes,
)
from ._photo import natural_key

__all__ = ["Levels", "Row"]

_SHOWN = 4
_ORDER = ("train", "valid", "test", UNLABELLED)


@dataclass
class Row:
    """A photo whose folders are read from the top.

    Attributes
    ----------
    path : str
    folders : tuple of str
        In one Unicode form.
    split, fold, label : str or None
        What is known so far.
    """

    path: str
    folders: tuple[str, ...]
    split: str | None = None
    fold: str | None = None
    label: str | None = None


class Levels:
    """A reader of folders, level by level.

    Parameters
    ----------
    where : str
        The folder or archive, for messages.

    Attributes
    ----------
    notes : list of str
        What was guessed.
    labels_from : str
        Where labels were found, in words.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._classes: set[str] = set()
        self._by_folder = False
        self.notes: list[str] = []
        self.labels_from = ""

    def read(self, rows: Sequence[Row], depth: int = 0, within: str | None = None) -> None:
        """Read what folders mean from a level on; `rows` are changed in place.

        Parameters
        ----------
        rows : sequence of Row
            Photos that lie in one folder, at any depth.
        depth : int
            Number of folders that have been read.
        within : str, optional
            Name of the split or fold that the photos lie in.

        Raises
        ------
        PhotosError
            The layout is ambiguous.
        """
        depth = self._inside_wrappers(rows, depth, within)
        beside = [row for row in rows if len(row.folders) == depth]
        folders = _by_folder(rows, depth)
        if not folders:
            self._read_files(rows, within)
            return
        splits = as_splits(folders) if within is None else None
        bare = set(filter(is_unlabelled, folders))
        if splits is None and 0 < len(bare) < len(folders):
            self.notes.append(f"photos of folder {_some(bare)} are without labels, by its name")
            self.read(
                [row for row in rows if not bare.intersection(row.folders[depth : depth + 1])],
                depth,
                within,
            )
            return
        if splits is None and within is None:
            self._refuse_strays(folders, depth)
        if splits is not None:
            self._refuse_beside(beside, f"the split folders {sorted(folders)}; move it into one")
            self._read_splits(folders, splits, depth + 1)
        elif as_folds(folders):
            self._refuse_beside(beside, f"the folds {_some(folders)}; move it into one")
            self._read_folds(folders, depth + 1)
        elif as_parts(folders):
            self.notes.append(f"folders {_some(folders)} are parts of one collection, no classes")
            self.read([row for row in rows if row not in beside], depth + 1, within)
        else:
            mend = "move it into a class folder or away"
            self._refuse_beside(beside, f"class folder {next(iter(folders))!r}; {mend}")
            self._read_classes(folders, depth)

    def _inside_wrappers(self, rows: Sequence[Row], depth: int, within: str | None) -> int:
        """Pass folders that all photos lie in and that mean nothing."""
        while True:
            folders = _by_folder(rows, depth)
            if len(folders) != 1 or any(len(row.folders) == depth for row in rows):
                return depth
            (name,) = folders
            deeper = _by_folder(rows, depth + 1)
            if within is None:
                if split_of(name) and not (len(deeper) > 1 and as_splits(deeper)):
                    return depth
            elif name in self._classes or not (
                deeper or split_of(name) or is_generic(name) or name in rows[0].folders[:depth]
            ):
                return depth
            depth += 1

    def _read_splits(
        self, folders: dict[str, list[Row]], splits: dict[str, str], depth: int
    ) -> None:
        of_split: dict[str, list[Row]] = defaultdict(list)
        for name, rows in folders.items():
            of_split[splits[name]] += rows
        numbered = [s for s in of_split if list(splits.values()).count(s) > 1]
        if len(numbered) > 1:
            self._refuse(
                f"{_some(folders)}: several splits of each kind, perhaps of several folds; name "
                f"one of each, or the folders fold1, fold2 with the photos of each fold"
            )
        other = [name for name in folders if name.casefold() != splits[name]]
        if other:
            told = ", ".join(f"{name} as {splits[name]}" for name in other)
            self.notes.append(f"folders are read as splits: {told}")
        for split in sorted(of_split, key=lambda s: (-_width(of_split[s]), _ORDER.index(s))):
            if split == UNLABELLED:
                continue
            for row in of_split[split]:
                row.split = split
            self.read(of_split[split], depth, split)

    def _read_folds(self, folders: dict[str, list[Row]], depth: int) -> None:
        for name in sorted(folders, key=lambda name: -_width(folders[name])):
            rows = folders[name]
            inside = _by_folder(rows, depth)
            if len(inside) > 1 and as_splits(inside):
                self._refuse(
                    f"fold {name!r} has splits of its own ({_some(inside)}); name one fold, as in "
                    f"{self._where}/{name}"
                )
            for row in rows:
                row.fold = name
            self.read(rows, depth, name)
        self._note_folds(folders)

    def _note_folds(self, names: Iterable[str]) -> None:
        self.notes.append(f"folders {_some(names)} are folds of a cross-validation")

    def _read_classes(self, folders: dict[str, list[Row]], depth: int) -> None:
        mask = masks_among(folders)
        if mask is not None:
            self._refuse(
                f"folders {mask[0]!r} and {mask[1]!r} are pictures and their masks, no classes; "
                f"name the folder of the pictures"
            )
        if splits_of_classes(folders):
            self._refuse(
                f"folders {_some(folders)} name a split and a class each; make a folder of each "
                "split, with a folder of each class in it"
            )
        for name, rows in folders.items():
            for row in rows:
                row.label = name
        rows = [row for own in folders.values() for row in own]
        lower = _lower(rows, depth + 1)
        below = {name: _by_folder(own, lower) for name, own in folders.items()}
        self._refuse_again(below)
        whole = all(len(row.folders) > lower for row in rows)
        names = {sub for subs in below.values() for sub in subs}
        if whole and all(row.split is None for row in rows) and (splits := as_splits(names)):
            for row in rows:
                row.split = splits[row.folders[lower]]
                if row.split == UNLABELLED:
                    row.split = row.label = None
        elif whole and as_folds(names):
            for row in rows:
                row.fold = row.folders[lower]
            self._note_folds(names)
        elif names:
            if whole and len(folders) > 1:
                self._refuse_symmetry(below)
            told = [name for name in names if not is_generic(name)]
            if told:
                self.notes.append(f"folders below the classes have no part: {_some(told)}")
        self._found("class folders", folders, by_folder=True)

    def _read_files(self, rows: Sequence[Row], within: str | None) -> None:
        if self._by_folder:
            self.notes.append(f"{within} has no class folders: its photos are without labels")
            return
        labels, note = labels_of_files([PurePosixPath(row.path).name for row in rows])
        found = {label for label in labels if label is not None}
        if found and self._classes and not found <= self._classes:
            note = f"names of files in {within} are none of the classes: they are without labels"
            found = set()
        if note:
            self.notes.append(note)
        if found:
            for row, label in zip(rows, labels, strict=True):
                row.label = label
            self._found(f"file names, as {PurePosixPath(rows[0].path).name}", found)

    def _found(self, where: str, classes: Iterable[str], *, by_folder: bool = False) -> None:
        self._classes.update(classes)
        self._by_folder = self._by_folder or by_folder
        self.labels_from = self.labels_from or where

    def _refuse_strays(self, folders: dict[str, list[Row]], depth: int) -> None:
        """Refuse folders beside splits; "train" may be a class too, beside buses and cars."""
        named = sorted(name for name in folders if split_of(name))
        stray = sorted(set(folders) - set(named), key=natural_key)
        several = len({split_of(name) for name in named}) > 1
        deeper = any(_by_folder(folders[name], depth + 1) for name in named)
        if named and stray and (several or deeper):
            self._refuse(
                f"folder {stray[0]!r} lies beside the split folders {named}; move it away or into "
                "one of them"
            )

    def _refuse_beside(self, beside: Sequence[Row], what: str) -> None:
        if beside:
            self._refuse(f"{beside[0].path!r} lies beside {what}")

    def _refuse_again(self, below: dict[str, dict[str, list[Row]]]) -> None:
        """Refuse a class folder that has a folder of another class, or masks, in it."""
        for name, subs in below.items():
            others = {loose_name(other): other for other in below if other != name}
            named = (sub for sub in subs if not sub.isdecimal())  # which may be a subject's number
            again = next((sub for sub in named if loose_name(sub) in others), None)
            if again is not None:
                self._refuse(
                    f"folder {again!r} lies beside {name!r} and also in it: which are the classes? "
                    f"move one of them away"
                )
            mask = masks_among(subs)
            if mask is not None:
                self._refuse(
                    f"folders {mask[0]!r} and {mask[1]!r} in {name!r} are pictures and their "
                    "masks; move the masks away"
                )

    def _refuse_symmetry(self, below: dict[str, dict[str, list[Row]]]) -> None:
        """Refuse folders that all hold the same folders: either may be the classes."""
        sets = [set(subs) for subs in below.values()]
        every, shared = set.union(*sets), set.intersection(*sets)
        if len(every) < 2 or 2 * len(shared) < len(every):
            return
        if all(_is_numbered(sub) for sub in every) and not all(map(_is_numbered, below)):
            return  # subjects or series within each class
        first = min(below, key=natural_key)
        self._refuse(
            f"{_some(below)} all hold the folders {_some(shared)}: which are the classes? rename "
            f"the outer ones train and test, or fold1, fold2; or name one, as in {self._where}/"
            f"{first}; or give a list with the columns path,label"
        )

    def _refuse(self, what: str) -> NoReturn:
        raise PhotosError(f"{self._where}: {what}")


def _by_folder(rows: Iterable[Row], depth: int) -> dict[str, list[Row]]:
    """Return the photos in each folder of a level, in natural order of the folders."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if len(row.folders) > depth:
            found[row.folders[depth]].append(row)
    return {name: found[name] for name in sorted(found, key=natural_key)}


def _lower(rows: Sequence[Row], depth: int) -> int:
    """Pass levels below the classes whose folders mean nothing, as in ``cat/images/train``."""

    def is_passed(row: Row) -> bool:
        if len(row.folders) <= depth + 1:
            return False
        return is_generic(row.folders[depth]) and not row.folders[depth].isdecimal()

    while all(map(is_passed, rows)):
        depth += 1
    return depth


def _width(rows: Iterable[Row]) -> int:
    """Return the number of different folders that photos lie in."""
    return len({row.folders for row in rows})


def _is_numbered(name: str) -> bool:
    return any(character.isdecimal() for character in name)


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names, key=natural_key)
    more = len(ordered) - _SHOWN
    return ", ".join(ordered[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
