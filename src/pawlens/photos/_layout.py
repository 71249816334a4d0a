"""Labels and splits from file names: class folders, split folders, ``cat.0.jpg``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ..errors import PhotosError
from ._photo import Photo, natural_key

__all__ = ["SPLIT_NAMES", "check_splits", "photos_from_names"]

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}
"""Folder names that mean a split, in any case."""

_NUMBERED = re.compile(r"^(?P<label>.*[^\W\d_])[._-]\d+$")
_MIN_NAMED = 2


def photos_from_names(names: Sequence[str], where: str) -> list[Photo]:
    """Label photos by the folders they are in or by their own names.

    Parameters
    ----------
    names : sequence of str
        Relative POSIX paths of photos.
    where : str
        The folder or archive, for messages.

    Returns
    -------
    list of Photo
        In the order of `names`. Labels are empty where nothing in the path tells them.

    Raises
    ------
    PhotosError
        Photos lie both in class folders and beside them, a folder lies beside the split folders,
        or a split lacks a class.
    """
    parts = [PurePosixPath(name).parts for name in names]
    depth = _shared_depth(parts)
    splits: list[str | None] = [None] * len(parts)
    tops = {p[depth] for p in parts if len(p) > depth + 1}
    if _are_splits(tops, parts, depth, where):
        beside = [n for n, p in zip(names, parts, strict=True) if len(p) == depth + 1]
        if beside:
            raise PhotosError(
                f"{where}: {beside[0]!r} lies beside the split folders "
                f"{sorted(tops)}; move it into one of them"
            )
        splits = [SPLIT_NAMES[p[depth].lower()] for p in parts]
        depth += 1
    labels = _labels(names, parts, splits, depth, where)
    photos = [
        Photo(n, (lab,) if lab else (), s) for n, lab, s in zip(names, labels, splits, strict=True)
    ]
    check_splits(photos, where)
    return photos


def check_splits(photos: Iterable[Photo], where: str) -> None:
    """Refuse labelled splits whose classes differ: matched by order they would be swapped.

    Raises
    ------
    PhotosError
        A split lacks classes or has classes in excess; the message names them.
    """
    classes: dict[str, set[str]] = defaultdict(set)
    for photo in photos:
        if photo.split is not None and photo.labels:
            classes[photo.split].update(photo.labels)
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


def _shared_depth(parts: Sequence[tuple[str, ...]]) -> int:
    """Count the leading folders that all paths share and that carry no meaning."""
    depth = 0
    while True:
        tops = {p[depth] if len(p) > depth + 1 else None for p in parts}
        deeper = any(len(p) > depth + 2 for p in parts)
        only = next(iter(tops)) if len(tops) == 1 else None
        if only is None or not deeper or only.lower() in SPLIT_NAMES:
            return depth
        depth += 1


def _are_splits(tops: set[str], parts: Sequence[tuple[str, ...]], depth: int, where: str) -> bool:
    """Return whether the folders are splits; "train" may be a class too, beside buses and cars."""
    named = sorted(t for t in tops if t.lower() in SPLIT_NAMES)
    stray = sorted(tops - set(named), key=natural_key)
    if named and stray:
        several = len({SPLIT_NAMES[t.lower()] for t in named}) > 1
        if several or any(p[depth] in named and len(p) > depth + 2 for p in parts):
            raise PhotosError(
                f"{where}: folder {stray[0]!r} lies beside the split folders {named}; move it away "
                "or into one of them"
            )
    return bool(named) and not stray


def _labels(
    names: Sequence[str],
    parts: Sequence[tuple[str, ...]],
    splits: Sequence[str | None],
    depth: int,
    where: str,
) -> list[str | None]:
    labels: list[str | None] = [None] * len(names)
    for split in sorted(set(splits), key=str):
        rows = [i for i, s in enumerate(splits) if s == split]
        flat = [i for i in rows if len(parts[i]) == depth + 1]
        if flat and len(flat) < len(rows):
            folder = next(parts[i][depth] for i in rows if len(parts[i]) > depth + 1)
            raise PhotosError(
                f"{where}: {names[flat[0]]!r} lies beside class folder {folder!r}; "
                "move it into a class folder or away"
            )
        class_names = (
            _by_name([parts[i][-1] for i in rows]) if flat else [parts[i][depth] for i in rows]
        )
        for i, label in zip(rows, class_names, strict=True):
            labels[i] = label
    folders = {label for label in labels if label is not None}
    if len(folders) < 2:  # one folder of photos is a collection, not a class
        return [None] * len(names)
    return labels


def _by_name(files: Sequence[str]) -> list[str | None]:
    """Read labels from names like ``cat.0.jpg`` or ``Maine_Coon_12.jpg``, if all have them."""
    matches = [_NUMBERED.match(PurePosixPath(f).stem) for f in files]
    if not all(matches):
        return [None] * len(files)
    labels = [m["label"] for m in matches if m is not None]
    counts = Counter(labels)
    if len(counts) < 2 or min(counts.values()) < _MIN_NAMED:
        return [None] * len(files)
    return list(labels)
