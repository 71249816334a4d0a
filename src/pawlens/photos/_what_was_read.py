"""The facts about a table of photos that every command tells first: what was read, and what not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from ._photo import Photo, natural_key
from ._photos import Photos
from .decoding import name_unread

__all__ = ["what_was_read"]

_CLASSES_SHOWN = 12
_REASONS_SHOWN = 6


def what_was_read(photos: Photos) -> list[str]:
    """Say in words what was read, from where the labels come, and what was left out.

    Parameters
    ----------
    photos : Photos

    Returns
    -------
    list of str
        A sentence each: photos and classes with their counts, splits, pictures of formats that are
        not read, files that were left out by reason with an example, and what was guessed. Nothing
        for a single photo, which was named.

    Examples
    --------
    >>> from pawlens import Photos
    >>> from pawlens.photos import what_was_read
    >>> for line in what_was_read(Photos.read("photos")):
    ...     print(line)
    27 read: cat 12, dog 12, without a label 3; labels from file names, as cat.0.jpg
    splits: train 24, test 3 (without labels)
    """
    if len(photos) == 1 and not photos.skipped:
        return []
    return [
        _first_line(photos),
        *_splits(photos),
        *_not_read(photos),
        *_left_out(photos),
        *photos.notes,
    ]


def _first_line(photos: Photos) -> str:
    number = f"{len(photos):,} read"
    counts = _counted(photos)
    if not counts:
        return f"{number}, without labels"
    names = sorted(counts, key=natural_key)
    told = [f"{name} {counts[name]:,}" for name in names[:_CLASSES_SHOWN]]
    if len(names) > _CLASSES_SHOWN:
        told.append(f"and {len(names) - _CLASSES_SHOWN:,} more of {len(names):,} classes")
    without = sum(not photo.labels for photo in photos)
    if without:
        told.append(f"without a label {without:,}")
    origin = f"; labels from {photos.labels_from}" if photos.labels_from else ""
    return f"{number}: {', '.join(told)}{origin}"


def _counted(photos: Iterable[Photo]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for photo in photos:
        for label in photo.labels:
            counts[label] += 1
    return counts


def _splits(photos: Photos) -> list[str]:
    of_split: dict[str | None, list[bool]] = defaultdict(list)
    for photo in photos:
        of_split[photo.split].append(bool(photo.labels))
    if set(of_split) == {None}:
        return []
    told = []
    for split in ("train", "valid", "test", None):
        labelled = of_split.get(split, [])
        if labelled:
            remark = "" if any(labelled) else " (without labels)"
            told.append(f"{split or 'in none'} {len(labelled):,}{remark}")
    return [f"splits: {', '.join(told)}"]


def _not_read(photos: Photos) -> list[str]:
    """Name formats that are not read, as far as endings tell them, and classes of nothing else."""
    unread: dict[str, list[str]] = defaultdict(list)
    readable: dict[str, bool] = {}
    for photo in photos:
        name = name_unread(b"", photo.path)
        if name is not None:
            unread[name].append(photo.path)
        for label in photo.labels:
            readable[label] = readable.get(label, False) or name is None
    lines = [f"not read: {_reasons(unread)}"] if unread else []
    lines += [
        f"class {label!r} has no photo that is read" for label, any_ in readable.items() if not any_
    ]
    return lines


def _left_out(photos: Photos) -> list[str]:
    paths: dict[str, list[str]] = defaultdict(list)
    for path, reason in photos.skipped:
        paths[reason].append(path)
    return [f"left out: {_reasons(paths)}"] if paths else []


def _reasons(paths: dict[str, list[str]]) -> str:
    """Tell how many files there are of each reason, the most frequent first, and one of them."""
    ordered = sorted(paths.items(), key=lambda item: -len(item[1]))
    told = [
        f"{len(found):,} {_kind(found)}, {reason} ({found[0]})"
        for reason, found in ordered[:_REASONS_SHOWN]
    ]
    if len(ordered) > _REASONS_SHOWN:
        told.append(f"{sum(len(p) for _, p in ordered[_REASONS_SHOWN:]):,} for other reasons")
    return "; ".join(told)


def _kind(paths: Sequence[str]) -> str:
    kind = "folder" if paths[0].endswith("/") else "file"
    return kind if len(paths) == 1 else f"{kind}s"
