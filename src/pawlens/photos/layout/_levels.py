"""Levels of folders, read from the top: around everything, splits, folds, parts, or classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NoReturn

from ...errors import PhotosError
from .._photo import natural_key
from ._class_doubts import hold_the_same, one_holds_the_classes, some_names
from ._file_labels import labels_of_files
from ._folder_names import (
    UNLABELLED,
    as_folds,
    as_splits,
    is_generic,
    is_unlabelled,
    loose_name,
    masks_among,
    split_of,
    splits_of_classes,
)
from ._folder_rows import Row, by_folder, level_folder, lower, width
from ._part_names import as_parts, has_no_word, series_among
from ._thumb_folders import is_called_thumbnails

__all__ = ["Levels"]

_ORDER = ("train", "valid", "test", UNLABELLED)


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
    without_labels : dict of str to str
        The splits and folds whose photos got no labels, with a sentence on why.
    labels_from : str
        Where labels were found, in words.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._classes: set[str] = set()
        self._by_folder = False
        self.notes: list[str] = []
        self.without_labels: dict[str, str] = {}
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
        folders = by_folder(rows, depth)
        if not folders:
            self._read_files(rows, within)
            return
        splits = as_splits(folders) if within is None else None
        bare = set(filter(is_unlabelled, folders))
        if splits is None and 0 < len(bare) < len(folders):
            self._note(f"photos of folder {some_names(bare)} are without labels, by its name")
            self.read(
                [row for row in rows if not bare.intersection(row.folders[depth : depth + 1])],
                depth,
                within,
            )
            return
        if splits is None:
            self._refuse_strays(folders, depth, within)
        if splits is not None:
            self._refuse_beside(beside, f"the split folders {sorted(folders)}; move it into one")
            self._read_splits(folders, splits, depth + 1)
        elif as_folds(folders):
            self._refuse_beside(beside, f"the folds {some_names(folders)}; move it into one")
            self._read_folds(folders, depth + 1)
        elif as_parts(folders):
            self._read_parts(folders, depth, within)
        else:
            mend = "move it into a class folder or away"
            self._refuse_beside(beside, f"class folder {next(iter(folders))!r}; {mend}")
            self._read_classes(folders, depth)

    def _inside_wrappers(self, rows: Sequence[Row], depth: int, within: str | None) -> int:
        """Pass folders that all photos lie in and that mean nothing."""
        while True:
            folders = by_folder(rows, depth)
            if len(folders) != 1 or any(len(row.folders) == depth for row in rows):
                return depth
            (name,) = folders
            deeper = by_folder(rows, depth + 1)
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
                f"{some_names(folders)}: several splits of each kind, perhaps of several folds; "
                f"name one of each, or the folders fold1, fold2 with the photos of each fold"
            )
        other = [name for name in folders if name.casefold() != splits[name]]
        if other:
            told = ", ".join(f"{name} as {splits[name]}" for name in other)
            self._note(f"folders are read as splits: {told}")
        for split in sorted(of_split, key=lambda s: (-width(of_split[s]), _ORDER.index(s))):
            if split == UNLABELLED:
                continue
            for row in of_split[split]:
                row.split = split
            self.read(of_split[split], depth, split)

    def _read_folds(self, folders: dict[str, list[Row]], depth: int) -> None:
        for name in sorted(folders, key=lambda name: -width(folders[name])):
            rows = folders[name]
            inside = by_folder(rows, depth)
            if len(inside) > 1 and as_splits(inside):
                self._refuse(
                    f"fold {name!r} has splits of its own ({some_names(inside)}); name one fold, "
                    f"{self._inside(rows[0].folders[: depth - 1], name)}"
                )
            for row in rows:
                row.fold = name
            self.read(rows, depth, name)
        self._note_folds(folders)

    def _read_parts(self, folders: dict[str, list[Row]], depth: int, within: str | None) -> None:
        rows = [row for own in folders.values() for row in own]
        self.read(rows, depth + 1, within)
        note = f"folders {some_names(folders)} are parts of one collection, no classes"
        if len(folders) > 1 and not any(row.label for row in rows):
            note += (
                f"; if they are, give each name a further word, as 'class {next(iter(folders))}'"
            )
        self._note(note)

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _note_folds(self, names: Iterable[str]) -> None:
        self._note(f"folders {some_names(names)} are folds of a cross-validation")

    def _read_classes(self, folders: dict[str, list[Row]], depth: int) -> None:
        self._refuse_names(folders)
        for name, rows in folders.items():
            for row in rows:
                row.label = name
        rows = [row for own in folders.values() for row in own]
        level = lower(rows, depth + 1)
        below = {name: by_folder(own, level) for name, own in folders.items()}
        self._refuse_again(below)
        self._refuse_doubts(folders, depth)
        whole = all(len(row.folders) > level for row in rows)
        names = {sub for subs in below.values() for sub in subs}
        if whole and all(row.split is None for row in rows) and (splits := as_splits(names)):
            for row in rows:
                row.split = splits[row.folders[level]]
                if row.split == UNLABELLED:
                    row.split = row.label = None
        elif whole and as_folds(names):
            for row in rows:
                row.fold = row.folders[level]
            self._note_folds(names)
        elif names:
            told = [name for name in names if not is_generic(name) or has_no_word(name)]
            if told:
                self._note(f"folders below the classes have no part: {some_names(told)}")
        if all(map(has_no_word, folders)) and not all(map(str.isdecimal, folders)):
            self._note(
                f"folders {some_names(folders)} are read as classes, by numbers or signs alone"
            )
        self._found("class folders", folders, by_folder=True)

    def _read_files(self, rows: Sequence[Row], within: str | None) -> None:
        if self._by_folder:
            self.without_labels[str(within)] = (
                f"{within} has no class folders: its photos are without labels"
            )
            return
        labels, note = labels_of_files([PurePosixPath(row.path).name for row in rows])
        found = {label for label in labels if label is not None}
        if found and self._classes and not found <= self._classes:
            self.without_labels[str(within)] = (
                f"names of files in {within} are none of the classes: they are without labels"
            )
            found = set()
        elif note:
            self._note(note)
        if found:
            for row, label in zip(rows, labels, strict=True):
                row.label = label
            self._found(f"file names, as {PurePosixPath(rows[0].path).name}", found)

    def _found(self, where: str, classes: Iterable[str], *, by_folder: bool = False) -> None:
        self._classes.update(classes)
        self._by_folder = self._by_folder or by_folder
        self.labels_from = self.labels_from or where

    def _refuse_strays(self, folders: dict[str, list[Row]], depth: int, within: str | None) -> None:
        """Refuse folders beside splits, folds or parts of one collection."""
        kind, named = series_among(folders)
        if within is None and not named:
            kind, named = "split folders", sorted(name for name in folders if split_of(name))
            several = len({split_of(name) for name in named}) > 1
            if not several and not any(by_folder(folders[name], depth + 1) for name in named):
                return  # "train" may be a class too, beside buses and cars
        stray = sorted(set(folders) - set(named), key=natural_key)
        if named and stray:
            self._refuse(
                f"folder {stray[0]!r} lies beside the {kind} {named}; move it away or into "
                "one of them"
            )

    def _refuse_beside(self, beside: Sequence[Row], what: str) -> None:
        if beside:
            self._refuse(f"{beside[0].path!r} lies beside {what}")

    def _refuse_names(self, folders: Iterable[str]) -> None:
        """Refuse folders that are surely no classes by their names, or may be none."""
        names = list(folders)
        mask = masks_among(names)
        if mask is not None:
            self._refuse(
                f"folders {mask[0]!r} and {mask[1]!r} are pictures and their masks, no classes; "
                f"name the folder of the pictures"
            )
        thumbs = next(filter(is_called_thumbnails, names), None)
        if thumbs is not None and len(names) > 1:
            self._refuse(
                f"folder {thumbs!r} may hold thumbnails, or be a class as those beside it; move it "
                "away, or, if it is a class, give it a name that says more"
            )
        if splits_of_classes(names):
            self._refuse(
                f"folders {some_names(names)} name a split and a class each; make a folder of "
                "each split, with a folder of each class in it"
            )

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

    def _refuse_doubts(self, folders: dict[str, list[Row]], depth: int) -> None:
        """Refuse folders where those in them, or in one of them alone, may be the classes."""
        found = [level_folder(name, rows, depth + 1) for name, rows in folders.items()]
        same = hold_the_same(found) if len(folders) > 1 else []
        around = next(iter(folders.values()))[0].folders[:depth]
        if same:
            holding = [one.name for one in found if not one.is_flat]
            inside = self._inside(around, min(holding, key=natural_key))
            flat = [one.name for one in found if one.is_flat]
            away = f"move {flat[0]!r} away and " if flat else ""
            how = "all hold" if all(one.all_names.issuperset(same) for one in found) else "share"
            self._refuse(
                f"{some_names(holding)} {how} the folders {some_names(same)}: which are the "
                f"classes? {away}rename the outer ones train and test, or fold1, fold2; or name "
                f"one, {inside}; or, if the outer ones are, give the inner ones names of their own "
                "or a list with the columns path,label"
            )
        doubt = one_holds_the_classes(found) if len(folders) > 1 else None
        if doubt is not None:
            name, inner, beside = doubt
            self._refuse(
                f"{name!r} holds {some_names(inner)}, and {beside!r} lies beside it: which are "
                f"the classes? move {beside!r} away or divide it alike; or name the one that holds "
                f"them, {self._inside(around, name)}; or give a list with the columns path,label"
            )

    def _inside(self, around: Sequence[str], name: str) -> str:
        """Say how to name a folder in the one that was read."""
        inside = "/".join((*around, name))
        if self._where.casefold().endswith((".zip", ".tar", ".parquet")):
            return f"{inside} in it, once the archive is unpacked"
        return f"as in {self._where}/{inside}"

    def _refuse(self, what: str) -> NoReturn:
        raise PhotosError(f"{self._where}: {what}")
