"""The table that training works from: who trains, who is held out, who is set aside and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ...base import Progress
from ...errors import PhotosError
from .._photo import is_none
from .._photos import Photos
from .._pinned import pinned
from ..decoding import right_extension
from ..groups import given_groups, join_groups
from ..scan import (
    FirstLook,
    Scan,
    contradict,
    find_originals,
    in_other_splits,
    is_unreachable,
    near_duplicate_groups,
    read_headers,
    scan_photos,
)
from ._folds import assign_folds, assign_label_folds
from ._given_folds import given_folds, refuse_folders_of_folds
from ._group_hints import suggest_groups
from ._group_notes import apart_from_classes, astride_folds, astride_splits, fewer_folds
from ._label_sets import as_targets, check_labels, in_one_order
from ._rulings import Ruling, in_words, relabelled, why_aside
from ._too_few import why_no_classes, why_none_trains, why_too_few

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["TINY_PIXELS", "Finding", "Table", "assign_roles", "prepare_table"]

TINY_PIXELS = 3600
"""Photos with fewer pixels are tiny: 60 x 60."""


class Finding(NamedTuple):
    """A remark on one photo that a person may want to see."""

    path: str
    kind: str
    detail: str


@dataclass(frozen=True)
class Table:
    """Photos with everything that a split needs: labels, groups, roles and folds.

    Attributes
    ----------
    photos : Photos
        The photos, with the labels that they train under.
    classes : list of str
        Class names in the order of the class numbers; without the word for none where photos may
        have several labels.
    scans : list of Scan
    label : ndarray of int64, shape (n,)
        Class number; -1 where there is none or several.
    twin : ndarray of int64, shape (n,)
        Photos that show the same picture share a number.
    group : ndarray of int64, shape (n,)
        Photos share a number that belong together, because they show the same picture or because
        their group was given; they are dealt into folds, and drawn for intervals, as one.
    role : list of str
        ``"train"``; ``"valid"`` or ``"test"`` (held out, labelled); ``"unlabelled"``; or
        ``"set aside"``.
    reason : list of str
        Why a photo is set aside, else empty.
    fold : ndarray of int64, shape (n,)
        Fold of each photo; -1 for photos that do not train.
    findings : list of Finding
        Remarks on single photos, except on those that a person decided to keep.
    given : list of tuple of str
        The labels as they were found, before any decision.
    rulings : list of Ruling or None
        The decision about each photo.
    notes : list of str
        What a person should know of groups and folds, a sentence each.
    """

    photos: Photos
    classes: list[str]
    scans: list[Scan]
    label: Ints
    twin: Ints
    group: Ints
    role: list[str]
    reason: list[str]
    fold: Ints
    findings: list[Finding]
    given: list[tuple[str, ...]]
    rulings: list[Ruling | None]
    notes: list[str]

    def rows(self, role: str) -> Ints:
        """Return the row numbers of the photos with a role, int64."""
        return np.flatnonzero(np.array(self.role) == role)

    @property
    def targets(self) -> Bools:
        """The classes that each photo is labelled with, bool (n, K)."""
        return as_targets(self.photos, self.classes)

    @property
    def decisions(self) -> list[str]:
        """The decision on each photo: ``drop``, ``relabel:dog``, ``trim``, ``keep``, or empty."""
        return [in_words(ruling) for ruling in self.rulings]

    @property
    def trimmed(self) -> frozenset[int]:
        """Rows that train without their plain border."""
        return frozenset(i for i, words in enumerate(self.decisions) if words == "trim")

    @property
    def set_aside(self) -> list[tuple[str, str]]:
        """Path and reason of every photo that has no part in the numbers."""
        pairs = zip(self.photos.paths, self.reason, strict=True)
        return [(path, reason) for path, reason in pairs if reason]


def prepare_table(
    photos: Photos,
    *,
    n_folds: int | Literal["given"],
    seed: int,
    several: bool = False,
    decisions: Mapping[str, Ruling] | None = None,
    join_alike: Callable[[Photos, list[Scan], Ints], Ints] | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    look: FirstLook | None = None,
) -> Table:
    """Scan photos, apply decisions, join groups, and assign roles and folds.

    Parameters
    ----------
    photos : Photos
    n_folds : int or "given"
        Number of folds of cross-validation, or the folds that the user made.
    seed : int
        The seed that deals photos to folds.
    several : bool
        Whether photos train with all their labels, be it several or ``none``, instead of one.
    decisions : mapping of str to Ruling, optional
        Decisions by the SHA-256 of the photos' bytes. Dropped photos are set aside; their files are
        not touched.
    join_alike : callable, optional
        Function of the photos, their scans and the groups of near-duplicates, int64 (n,), that
        returns groups in which more photos of the same picture are joined.
    cache_dir : Path, optional
        Where scans are kept.
    progress : callable, optional
    look : FirstLook, optional
        See `scan_photos`.

    Raises
    ------
    PhotosError
        There are fewer than two classes, or no split that trains, or a class without two different
        readable photos, or photos of two groups, to train on. With `several` also a label that
        nearly every photo has, or ``none`` beside another label.
    DecisionsError
        A decision names a class that no photo has.
    """
    if len(photos.classes) < 2:
        raise PhotosError(f"{photos.location}: {why_no_classes(photos)}")
    if {photo.split for photo in photos if photo.labels} == {"valid", "test"}:
        raise PhotosError(f"{photos.location}: {why_none_trains(photos)}")
    scans = scan_photos(photos, cache_dir=cache_dir, progress=progress, look=look)
    photos = pinned(photos, [scan.sha256 for scan in scans])
    labels_as_found = [photo.labels for photo in photos]
    photos, rulings = relabelled(photos, scans, decisions or {})
    classes = photos.classes
    if several:
        photos = in_one_order(photos, rulings)
        classes = [name for name in classes if not is_none(name)]
    twin = near_duplicate_groups(scans)
    if join_alike is not None:
        twin = join_alike(photos, scans, twin)
    group = join_groups(twin, given_groups(photos))
    number = {name: i for i, name in enumerate(classes)}
    label = np.array([number.get(p.label, -1) if p.label else -1 for p in photos], np.int64)
    role, reason = assign_roles(photos, scans, twin, rulings, several=several)
    train = np.flatnonzero(np.array(role) == "train")
    fold = np.full(len(photos), -1, np.int64)
    targets = as_targets(photos, classes)[train]
    if several:
        check_labels(photos, classes, targets, twin[train], (role, reason))
    else:
        _check_classes(photos, classes, label[train], twin[train], (role, reason))
        apart_from_classes(photos.subset(train.tolist()), classes, label[train], group[train])
    if n_folds == "given":
        fold[train] = given_folds(photos, train.tolist(), targets, classes)
    elif several:
        fold[train] = assign_label_folds(targets, group[train], n_folds=n_folds, seed=seed)
    else:
        fold[train] = assign_folds(label[train], group[train], n_folds=n_folds, seed=seed)
    if n_folds != "given":
        refuse_folders_of_folds(photos, train.tolist())
    kept = {p.path for p, r in zip(photos, rulings, strict=True) if r and r.action == "keep"}
    findings = [
        finding
        for finding in _findings(photos, scans, twin)
        if finding.path not in kept or finding.kind == "unreadable"
    ]
    headers = read_headers(photos, scans, cache_dir=cache_dir, progress=progress)
    notes = [
        *suggest_groups(photos, headers),
        *astride_splits(photos, role),
    ]
    if n_folds == "given":
        notes += astride_folds(photos.subset(train.tolist()), fold[train])
    else:
        notes += fewer_folds(classes, label[train], group[train], fold[train], wanted=n_folds)
    return Table(
        photos=photos,
        classes=classes,
        scans=scans,
        label=label,
        twin=twin,
        group=group,
        role=role,
        reason=reason,
        fold=fold,
        findings=findings,
        given=labels_as_found,
        rulings=rulings,
        notes=notes,
    )


def assign_roles(
    photos: Photos,
    scans: list[Scan],
    group: Ints,
    rulings: Sequence[Ruling | None],
    *,
    several: bool = False,
) -> tuple[list[str], list[str]]:
    """Assign a role to every photo, and a reason where it is set aside; see `Table`."""
    role, reason = [], []
    # A lone split, whatever its name, is all there is to train on.
    splits = len({photo.split for photo in photos if photo.labels}) > 1
    for photo, scan, ruling in zip(photos, scans, rulings, strict=True):
        why = why_aside(ruling, several=several)
        if scan.problem:
            why = scan.problem if is_unreachable(scan.problem) else f"unreadable: {scan.problem}"
        elif not why and not several and len(photo.labels) > 1:
            why = f"several labels: {', '.join(photo.labels)}"
        reason.append(why)
        if why:
            role.append("set aside")
        else:
            split = photo.split if splits and photo.split else "train"
            role.append(split if photo.labels else "unlabelled")
    _set_leaks_aside(photos, scans, group, role, reason)
    return role, reason


def _set_leaks_aside(
    photos: Photos, scans: list[Scan], group: Ints, role: list[str], reason: list[str]
) -> None:
    """Set aside held-out photos that also train; both lists are changed in place."""
    train = np.flatnonzero(np.array(role) == "train")
    rows = train.tolist()
    original = find_originals(photos.subset(rows), [scans[row] for row in rows], group[train])
    first = {int(group[row]): int(row) for row in train[original < 0]}
    for row, number in enumerate(group.tolist()):
        if role[row] in ("valid", "test") and number in first:
            reason[row] = f"leak: the same picture trains as {photos[first[number]].path}"
            role[row] = "set aside"


def _check_classes(
    photos: Photos,
    classes: list[str],
    label: Ints,
    group: Ints,
    roles: tuple[Sequence[str], Sequence[str]],
) -> None:
    for number, name in enumerate(classes):
        different = len(set(group[label == number].tolist()))
        if different < 2:
            raise PhotosError(
                f"{photos.location}: class {name!r} has {different} different readable photo(s) to "
                f"train on, at least 2 are needed; {why_too_few(photos, name, *roles)}; add photos "
                "or remove the class"
            )


def _findings(photos: Photos, scans: list[Scan], group: Ints) -> list[Finding]:
    findings = []
    for photo, scan in zip(photos, scans, strict=True):
        if scan.problem:
            findings.append(Finding(photo.path, "unreadable", scan.problem))
            continue
        if not right_extension(photo.path, scan.format):
            findings.append(Finding(photo.path, "wrong extension", f"it is a {scan.format}"))
        if scan.width * scan.height < TINY_PIXELS:
            findings.append(Finding(photo.path, "tiny", f"{scan.width} x {scan.height} pixels"))
    return findings + _duplicates(photos, scans, group)


def _duplicates(photos: Photos, scans: list[Scan], group: Ints) -> list[Finding]:
    """Return a finding for every copy in a group, which names the group's original."""
    findings = []
    original = find_originals(photos, scans, group)
    for row in np.flatnonzero(original >= 0).tolist():
        first = int(original[row])
        copy, kept = photos[row], photos[first]
        same = scans[row].sha256 == scans[first].sha256
        detail = f"{'same bytes as' if same else 'looks like'} {kept.path}"
        kind = "duplicate"
        if contradict(copy, kept):
            kind = "contradicting duplicate"
            detail += f", which is labelled {', '.join(kept.labels)}"
        detail = sys.intern(detail)  # many copies of one photo say the same
        findings.append(Finding(copy.path, kind, detail))
        if in_other_splits(copy, kept):
            findings.append(Finding(copy.path, "leak", f"{detail}, in another split or fold"))
    return findings
