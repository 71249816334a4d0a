"""Groups of photos that belong together: photos of one subject, camera, burst or video."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...base import first_few
from ...errors import UsageError
from .._photo import Photo
from ..layout import plain_name
from ..lists import is_not_known
from ._bursts import read_bursts
from ._columns import groups_in_column
from ._folders import subject_folders
from ._names import groups_by_name

if TYPE_CHECKING:
    import numpy.typing as npt

    from .._photos import Photos

    Ints = npt.NDArray[np.int64]

__all__ = [
    "given_groups",
    "join_groups",
    "photos_by_group",
    "with_groups",
]


def given_groups(photos: Sequence[Photo]) -> Ints:
    """Number the groups that were given; a photo without one is a group of its own.

    Parameters
    ----------
    photos : sequence of Photo

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    keys = [(photo.group or "", "" if photo.group else photo.path) for photo in photos]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return np.array([number[key] for key in keys], np.int64)


def join_groups(*groups: Ints) -> Ints:
    """Join groups: photos are together where any numbering has them so, or through others.

    Parameters
    ----------
    *groups : ndarray of int64, shape (n,)
        Photos with the same number belong together.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0, in the order of first appearance.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n, nodes, ends = len(groups[0]), len(groups[0]), []
    for group in groups:
        _, member = np.unique(group, return_inverse=True)
        ends.append(nodes + member)
        nodes += int(member.max(initial=-1)) + 1
    photos = np.tile(np.arange(n), len(groups))
    edges = (np.ones(len(photos), bool), (photos, np.concatenate(ends)))
    _, component = connected_components(coo_matrix(edges, shape=(nodes, nodes)), directed=False)
    _, first, inverse = np.unique(component[:n], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def photos_by_group(photos: Iterable[Photo]) -> dict[str, list[Photo]]:
    """Return the photos of each group that was given, by its name, in the order of appearance."""
    named: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        if photo.group:
            named[photo.group].append(photo)
    return named


def with_groups(photos: Photos, group: str | None = None, group_name: str | None = None) -> Photos:
    """Give photos the groups that they belong to, and a note that says how many there are.

    Parameters
    ----------
    photos : Photos
    group : str, optional
        A column of the list; ``"folder"``, the folder beneath the class folder, as in
        ``class/animal/photo``; or ``"burst"``, photos that one camera took within three seconds.
        By default the column ``group`` of the list, where it has one.
    group_name : str, optional
        In place of `group`, a regular expression with one group in parentheses, searched for in
        the name of the file, or in the whole path where it has a slash.

    Raises
    ------
    UsageError
        Both are given, the list has no such column, no photo has a group, or the pattern cannot be
        used.
    """
    if group is not None and group_name is not None:
        raise UsageError("--group and --group-name: give one of the two")
    if group_name is not None:
        names, by = groups_by_name(group_name, photos.paths), f"the pattern {group_name!r}"
    elif group is not None:
        names, by = _asked(photos, group)
    elif any(photo.group for photo in photos) or "group" not in photos.further:
        return photos
    else:
        names, by = _column(photos, "group")
    missing = Counter(name for name in names if name and _is_no_group(name.strip()))
    names = [None if not name or name in missing else plain_name(name) for name in names]
    if not any(names) and group is None and group_name is None:
        return photos.with_rows(photos, notes=["the column 'group' has no group of any photo"])
    if not any(names):
        raise UsageError(
            f"{photos.location}: no photo has a group by {by}; {_example(photos)}: leave the "
            "option out, or say how groups are told apart"
        )
    rows = [replace(photo, group=name) for photo, name in zip(photos, names, strict=True)]
    return photos.with_rows(rows, notes=_told(rows, by, missing))


def _asked(photos: Photos, group: str) -> tuple[list[str | None], str]:
    known = {name.strip().casefold(): name for name in photos.further}
    name = known.get(group.strip().casefold())
    if name is not None:
        return _column(photos, name)
    if group == "folder":
        return subject_folders(photos), "the folder beneath the class folder"
    if group == "burst":
        return read_bursts(photos), "camera and time in EXIF"
    raise UsageError(
        f"--group {group!r}: no such column ({_columns(photos)}); name a column of the list, or "
        "folder (as in class/animal/photo), or burst (camera and time), or use --group-name PATTERN"
    )


def _columns(photos: Photos) -> str:
    """Say which columns groups may be read from."""
    if photos.further:
        more = "besides those of photos, labels and splits, which are no groups"
        return f"{more}, the list has {first_few(sorted(photos.further))}"
    if any(photo.labels for photo in photos) and not photos.labels_from:
        return "the list has none but those of photos, labels and splits, which are no groups"
    return "no list was read" if photos.labels_from else "no list with further columns was read"


def _column(photos: Photos, name: str) -> tuple[list[str | None], str]:
    names, told = groups_in_column(photos.further[name], photos.paths)
    return names, f"the column {name!r}{told}"


def _is_no_group(name: str) -> bool:
    """Return whether a text says that nobody knows the group; a label may be called none."""
    return is_not_known(name) or name.casefold() in ("none", "unk")


def _told(rows: Sequence[Photo], by: str, missing: Mapping[str, int]) -> list[str]:
    named = photos_by_group(rows)
    alone, largest = sum(not photo.group for photo in rows), max(map(len, named.values()))
    text = f"{len(named):,} groups by {by}, the largest of {largest:,} photos; they are kept whole"
    if alone:
        have = "1 photo has none and is" if alone == 1 else f"{alone:,} photos have none, each is"
        text += f"; {have} a group of its own"
    if missing:
        values = ", ".join(f"{name!r} {count:,}" for name, count in missing.items())
        text += f" (read as none: {values})"
    if largest == 1:
        text += "; no two photos share one, so that nothing changes"
    notes = [text]
    mixed = [name for name, own in named.items() if len({photo.labels for photo in own}) > 1]
    if mixed:
        have = "1 group has" if len(mixed) == 1 else f"{len(mixed):,} groups have"
        notes.append(
            f"{have} photos of several classes ({first_few(mixed)}); if these are different "
            "subjects of one name, tell them apart by the path, as with --group-name '(.+)/[^/]+$'"
        )
    return notes


def _example(photos: Photos) -> str:
    return f"one of them is {photos.paths[0]!r}" if len(photos) else "there are none"
