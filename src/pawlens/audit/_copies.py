"""Duplicates, duplicates with contradicting labels, and leaks between splits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, cores, ordered_map, tell
from ..errors import MissingExtra, UnreadablePhoto
from ..features import FeatureMatrix, Neighbours
from ..photos import Photos, Scan, contradict, find_originals, in_other_splits
from ._align import SIDE, agreement, thumbnail
from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["Copies", "CopyCheck", "find_copies", "join_cut_outs"]

_SAME = 0.92  # correlation from which two photos count as one picture
_ASKED_SHARE, _ASKED_LEAST = 0.04, 200  # share of all photos for which pairs are aligned
_PER_PHOTO = 3
_EXACT = "same bytes as"


class CopyCheck(AuditCheck):
    """Duplicates, duplicates with contradicting labels, and leaks between splits."""

    kinds = (
        Kind(
            "exact_duplicate",
            "Exact duplicates",
            "The same bytes as another file, which is kept as the original.",
            0.6,
        ),
        Kind(
            "near_duplicate",
            "Near duplicates",
            "The same picture as another photo: saved again, resized, mirrored, or cropped a "
            "little.",
            0.6,
        ),
        Kind(
            "contradicting_duplicate",
            "Contradicting duplicates",
            "The same picture under different labels; at least one of them is wrong.",
            1.0,
        ),
        Kind(
            "leak",
            "Leaks",
            "The same picture on both sides of a split: what is measured on it is too good.",
            1.0,
        ),
    )

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Compare the photos of each group with their original."""
        copies = find_copies(view.photos, view.scans, view.group, progress=view.progress)
        return copies.detections


@dataclass(frozen=True)
class Copies:
    """Groups of photos that show the same picture.

    Attributes
    ----------
    detections : list of Detection
        exact_duplicate, near_duplicate, contradicting_duplicate and leak.
    original : ndarray of int64, shape (n,)
        Row of the photo that each copy is a copy of; -1 for photos that are no copies.
    """

    detections: list[Detection]
    original: Ints


def join_cut_outs(
    photos: Photos,
    group: Ints,
    vectors: FeatureMatrix,
    neighbours: Neighbours,
    *,
    progress: Progress | None = None,
) -> Ints:
    """Merge groups of photos that are cut-outs of each other.

    A perceptual hash does not survive a crop; a backbone's features nearly do. So the pairs that
    look most alike to the backbones are laid over each other.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers; no group is split.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    of = np.full(len(vectors.values), -1, np.int64)
    measured = np.flatnonzero(vectors.row >= 0)
    of[vectors.row[measured]] = measured
    k = min(_PER_PHOTO, neighbours.row.shape[1])
    photo = np.repeat(of, k)
    neighbour = of[neighbours.row[:, :k].reshape(-1)]
    alike = neighbours.similarity[:, :k].reshape(-1)
    open_question = (group[photo] != group[neighbour]) & (photo < neighbour)
    asked = np.flatnonzero(open_question)
    most = max(_ASKED_LEAST, int(_ASKED_SHARE * len(photos)))
    asked = asked[np.argsort(-alike[asked], kind="stable")[:most]]
    pairs = np.column_stack([photo[asked], neighbour[asked]])
    correlation, _ = _compare(photos, pairs, progress=progress)
    same = pairs[correlation >= _SAME]
    ends = (np.ones(len(same), bool), (group[same[:, 0]], group[same[:, 1]]))
    count = int(group.max()) + 1
    _, joined = connected_components(coo_matrix(ends, shape=(count, count)), directed=False)
    return np.asarray(joined[group], np.int64)


def find_copies(
    photos: Photos, scans: Sequence[Scan], group: Ints, *, progress: Progress | None = None
) -> Copies:
    """Compare the members of each group with its original; see `find_originals`."""
    original = find_originals(photos, scans, group)
    copies = np.flatnonzero(original >= 0)
    pairs = zip(copies.tolist(), original[copies].tolist(), strict=True)
    exact = np.array([scans[i].sha256 == scans[j].sha256 for i, j in pairs], np.bool_)
    near = copies[~exact]
    asked = np.column_stack([near, original[near]])
    alike, mirrored = _compare(photos, asked, progress=progress)
    readable = np.array([not scan.problem for scan in scans])
    score = np.where(readable, 0.0, np.nan)
    score[near] = from_ratio((1 - _SAME) / np.maximum(1 - alike.astype(np.float64), 1e-9))
    for row, value in zip(near, alike, strict=True):
        if value < _SAME:  # hashes alike by chance
            original[row] = -1
    how = {int(i): _EXACT for i in copies[exact]}
    for row, flip in zip(near[alike >= _SAME], mirrored[alike >= _SAME], strict=True):
        how[int(row)] = "mirror image of" if flip else "looks like"
    exactly = np.where([bool(scan.sha256) for scan in scans], 0.0, np.nan)
    exactly[copies[exact]] = 1.0
    strength = np.fmax(score, exactly)
    detections = [
        _duplicates("exact_duplicate", photos, original, exactly, how),
        _duplicates("near_duplicate", photos, original, score, how),
        _contradictions(photos, original, strength, how),
        _leaks(photos, original, strength, how),
    ]
    return Copies(detections, original)


def _duplicates(
    kind: str, photos: Photos, original: Ints, score: npt.NDArray[np.float64], how: dict[int, str]
) -> Detection:
    found = (score >= 0.5) & (original >= 0)
    rows = np.flatnonzero(found).tolist()
    why = {row: f"{how[row]} {photos[int(original[row])].path}" for row in rows}
    return Detection(kind, score, found, why, _drops(rows, how))


def _contradictions(
    photos: Photos, original: Ints, strength: npt.NDArray[np.float64], how: dict[int, str]
) -> Detection:
    """Detect the photos of groups in which labels differ; a person must say which is right."""
    why: dict[int, str] = {}
    for row in np.flatnonzero(original >= 0).tolist():
        source = int(original[row])
        if contradict(photos[row], photos[source]):
            for this, that in ((row, source), (source, row)):
                named = ", ".join(photos[that].labels)
                word = how[row] if this == row else how[row].replace("looks like", "same as")
                why[this] = f"{word} {photos[that].path}, which is labelled {named}"
    score = np.where(np.isnan(strength), np.nan, 0.0)
    found = np.zeros(len(photos), bool)
    for row in why:
        score[row], found[row] = 1.0, True
    return Detection("contradicting_duplicate", score, found, why)


def _leaks(
    photos: Photos, original: Ints, strength: npt.NDArray[np.float64], how: dict[int, str]
) -> Detection:
    why: dict[int, str] = {}
    for row in np.flatnonzero(original >= 0).tolist():
        source = photos[int(original[row])]
        if in_other_splits(photos[row], source):
            split = source.split or "no split"
            why[row] = f"{how[row]} {source.path}, which is in {split}"
    score = np.where(np.isnan(strength), np.nan, 0.0)
    found = np.zeros(len(photos), bool)
    for row in why:
        score[row], found[row] = strength[row], True
    return Detection("leak", score, found, why, _drops(why, how))


def _drops(rows: Iterable[int], how: dict[int, str]) -> dict[int, str]:
    """Suggest drops, only for copies with other bytes: a decision holds for all equal bytes."""
    return {row: "drop" for row in rows if how[row] != _EXACT}


def _compare(
    photos: Photos, pairs: Ints, *, progress: Progress | None
) -> tuple[Floats32, npt.NDArray[np.bool_]]:
    """Align pairs of rows (m, 2); -1 where a photo can no longer be decoded."""
    alike, mirrored = np.full(len(pairs), -1, np.float32), np.zeros(len(pairs), bool)
    rows = np.unique(pairs)
    small = np.zeros((len(rows), SIDE, SIDE), np.float32)
    lost = np.zeros(len(rows), bool)

    def shrink(row: int) -> Floats32 | None:
        try:
            return thumbnail(photos.decode(row, min_side=2 * SIDE))
        except (UnreadablePhoto, MissingExtra):
            return None

    for number, picture in enumerate(ordered_map(shrink, rows.tolist(), workers=cores())):
        lost[number] = picture is None
        small[number] = 0 if picture is None else picture
    at = np.searchsorted(rows, pairs)
    step = 256
    for start in range(0, len(pairs), step):
        chunk = slice(start, start + step)
        first, second = at[chunk].T
        alike[chunk], mirrored[chunk] = agreement(small[first], small[second])
        tell(progress, "laying photos over each other", min(start + step, len(pairs)), len(pairs))
    alike[lost[at].any(axis=1)] = -1
    return alike, mirrored
