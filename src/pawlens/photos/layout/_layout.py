"""Labels, splits and folds from the folders that photos lie in, and from their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...errors import PhotosError
from .._photo import Photo, natural_key
from ._folder_names import SPLIT_NAMES, loose_name, plain_name
from ._folder_rows import Row
from ._levels import Levels

_COPY = re.compile(r"(?:[ _-]+(?:copy|kopie|copie|copia)(?:[ _]?\(?\d+\)?)?| ?\(\d+\))$")

__all__ = ["SPLIT_NAMES", "Layout", "check_spellings", "check_splits", "read_layout"]


@dataclass(frozen=True)
class Layout:
    """Photos with labels, splits and folds, and how they were found.

    Attributes
    ----------
    photos : list of Photo
    labels_from : str
        Where the labels were found, in words; empty where there are none.
    notes : list of str
        What was guessed, a sentence each.
    without_labels : dict of str to str
        The splits and folds whose photos have no labels where others do, with a sentence on why.
    """

    photos: list[Photo]
    labels_from: str
    notes: list[str]
    without_labels: dict[str, str]


def read_layout(names: Sequence[str], where: str) -> Layout:
    """Label photos by the folders they are in or by their own names.

    From the top, folders are what their names and what lies in them tell: folders around
    everything, splits, folds, parts of one collection, or classes.

    Parameters
    ----------
    names : sequence of str
        Relative POSIX paths of photos.
    where : str
        The folder or archive, for messages.

    Returns
    -------
    Layout
        Photos in the order of `names`, without labels where nothing in the path tells them.

    Raises
    ------
    PhotosError
        The layout is ambiguous, or a split lacks a class; the message says how to mend it.
    """
    rows = [Row(name, tuple(map(plain_name, PurePosixPath(name).parts[:-1]))) for name in names]
    levels = Levels(where)
    levels.read(rows)
    labels = sorted({row.label for row in rows if row.label is not None}, key=natural_key)
    if len(labels) < 2:  # one folder of photos is a collection, not a class
        photos = [Photo(row.path, (), row.split, fold=row.fold) for row in rows]
        return Layout(photos, "", levels.notes, levels.without_labels)
    check_spellings(labels, where)
    photos = [
        Photo(row.path, (row.label.strip(),) if row.label else (), row.split, fold=row.fold)
        for row in rows
    ]
    check_splits(photos, where)
    return Layout(photos, levels.labels_from, levels.notes, levels.without_labels)


def check_spellings(labels: Iterable[str], where: str) -> None:
    """Refuse classes whose names differ only in case, in outer space, in full width or as copies.

    Raises
    ------
    PhotosError
        The message names two of them.
    """
    seen: dict[str, str] = {}
    for label in sorted(labels, key=natural_key):
        other = seen.setdefault(loose_name(label), label)
        if other != label:
            raise PhotosError(
                f"{where}: are {other!r} and {label!r} one class? give them the same name, or "
                "names that differ in more than case and space"
            )
    for plain, label in seen.items():
        original = seen.get(_COPY.sub("", plain), label)
        if original != label:
            raise PhotosError(
                f"{where}: is {label!r} a copy of class {original!r}? move it away or into it, or "
                "give it another name"
            )


def check_splits(photos: Iterable[Photo], where: str) -> None:
    """Refuse labelled splits whose classes differ: matched by order they would be swapped.

    Raises
    ------
    PhotosError
        A split lacks classes or has classes in excess, or the photos to train on alone have no
        labels; the message names them.
    """
    classes: dict[str, set[str]] = defaultdict(set)
    splits = set()
    for photo in photos:
        splits.add(photo.split)
        if photo.split is not None and photo.labels:
            classes[photo.split].update(photo.labels)
    if classes and "train" in splits and "train" not in classes:
        other = sorted(classes)[0]
        raise PhotosError(
            f"{where}: the photos of train have no labels, those of {other} have; put them into "
            "class folders too, or name the folder to train on"
        )
    if len(classes) < 2:
        return
    first = "train" if "train" in classes else sorted(classes)[0]
    for split in sorted(classes):
        lacking = sorted(classes[first] - classes[split], key=natural_key)
        extra = sorted(classes[split] - classes[first], key=natural_key)
        if lacking:
            raise PhotosError(
                f"{where}: {split} has no photo of class {', '.join(map(repr, lacking))}, which "
                f"{first} has; add some or leave the split out"
            )
        if extra:
            raise PhotosError(
                f"{where}: {split} has class {', '.join(map(repr, extra))}, which {first} lacks; "
                "a stray folder? move it away"
            )
