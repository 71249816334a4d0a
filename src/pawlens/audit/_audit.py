"""The audit: everything that is asked of a table of photos, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Device, Precision, find_backbone
from ..base import Clock, Progress, user_cache
from ..errors import PhotosError
from ..features import FeatureExtractors, FeatureMatrix, Neighbours, WholePhotos, nearest
from ..photos import (
    Photos,
    Scan,
    Shapes,
    assign_folds,
    assign_roles,
    measure_shapes,
    near_duplicate_groups,
    read_headers,
    scan_photos,
)
from ._appearance import Look, look_at_photos
from ._beliefs import Beliefs, fit_beliefs
from ._copies import find_copies, join_cut_outs
from ._detection import Detection
from ._kinds import KINDS
from ._labels import find_high_loss, find_label_errors
from ._neither import distances, find_neither
from ._outside import find_outside
from ._parts import find_both
from ._quality import find_quality

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["Audit", "audit"]

_NEAREST = 32
_SHOWN_NEAREST = 6


@dataclass(frozen=True)
class Audit:
    """What was found in a table of photos.

    Attributes
    ----------
    photos : Photos
    classes : list of str
    backbones : list of str
    scans : list of Scan
    shapes : Shapes
        Widths and heights of the readable photos, upright.
    looks : list of Look or None
    group : ndarray of int64, shape (n,)
        Photos that show the same picture share a number.
    role : list of str
        See `Table`.
    detections : dict of str to Detection
        By kind, in the order of `KINDS`; kinds that were left out are absent.
    neighbours : list of list of int
        Rows of the photos nearest to each photo, by what the backbones see.
    beliefs : Beliefs or None
        None without two classes to learn from.
    left_out : dict of str to str
        By kind: why it was not looked for.
    seconds : dict of str to float
    """

    photos: Photos
    classes: list[str]
    backbones: list[str]
    scans: list[Scan]
    shapes: Shapes
    looks: list[Look | None]
    group: Ints
    role: list[str]
    detections: dict[str, Detection]
    neighbours: list[list[int]]
    beliefs: Beliefs | None
    left_out: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many photos of each kind were found."""
        return {kind: int(one.found.sum()) for kind, one in self.detections.items()}

    def rows(self, kind: str) -> Ints:
        """Rows of the photos of a kind, the most suspicious first."""
        one = self.detections[kind]
        found = np.flatnonzero(one.found)
        return np.asarray(found[np.argsort(-one.score[found], kind="stable")], np.int64)


def audit(
    photos: Photos,
    *,
    backbones: Sequence[str] = ("paw",),
    weights_dir: Path | None = None,
    cache_dir: Path | None = None,
    precision: Precision = "auto",
    device: Device = "auto",
    folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> Audit:
    """Look for everything that may be wrong with photos; nothing is changed.

    Parameters
    ----------
    photos : Photos
        With labels, as far as there are any.
    backbones : sequence of str
        See `find_backbone`. The better they are, the more label errors are found, and the fewer
        right labels are suspected.
    weights_dir : Path, optional
    cache_dir : Path, optional
        Where scans, looks and features are kept; the user's cache folder by default.
    precision, device : str
        See `open_engine`.
    folds, seed : int
        Of cross-validation.
    progress : callable, optional

    Raises
    ------
    BackboneError
        A backbone is unknown or its weights do not fit.
    """
    clock = Clock()
    cache = cache_dir or user_cache()
    extractors = FeatureExtractors(
        [find_backbone(name, weights_dir=weights_dir, cache_dir=cache) for name in backbones],
        cache_dir=cache,
        precision=precision,
        device=device,
    )
    with clock.step("scan"):
        scans = scan_photos(photos, cache_dir=cache, progress=progress)
        hashes = [scan.sha256 if not scan.problem else "" for scan in scans]
        group = near_duplicate_groups(scans)
        shapes = measure_shapes(scans, read_headers(photos, scans, cache_dir=cache))
    with clock.step("looks"):
        looks = look_at_photos(photos, hashes, cache_dir=cache, progress=progress)
    with clock.step("features"):
        vectors = extractors.extract(WholePhotos(photos, hashes), progress=progress)
    with clock.step("neighbours"):
        neighbours = nearest(vectors.values, _NEAREST, progress=progress)
    with clock.step("copies"):
        if len(vectors.values) > 1:
            group = join_cut_outs(photos, group, vectors, neighbours, progress=progress)
        copies = find_copies(photos, scans, group, progress=progress)
    role, _ = assign_roles(photos, scans, group, [None] * len(photos))
    found = [*find_outside(photos, scans), *find_quality(looks), *copies.detections]
    with clock.step("labels"):
        learner = _Learner(photos, vectors, neighbours, group, role)
        beliefs, trouble = learner.learn(folds, seed, progress)
    left_out = {}
    if beliefs is not None:
        found += [
            find_label_errors(beliefs, learner.label, learner.classes),
            find_high_loss(beliefs, learner.label, learner.classes),
        ]
        with clock.step("parts"):
            found.append(
                find_both(
                    photos,
                    hashes,
                    learner.label,
                    beliefs,
                    extractors,
                    learner.classes,
                    progress=progress,
                )
            )
    else:
        left_out = dict.fromkeys(("label_error", "high_loss", "both"), trouble)
    with clock.step("neither"):
        found.append(find_neither(_distance(vectors, beliefs)))
    by_kind = {one.kind: one for one in found}
    return Audit(
        photos,
        learner.classes,
        list(backbones),
        scans,
        shapes,
        looks,
        group,
        role,
        {kind.name: by_kind[kind.name] for kind in KINDS if kind.name in by_kind},
        _near_rows(vectors, neighbours),
        beliefs,
        left_out,
        clock.seconds,
    )


class _Learner:
    """What is known of the classes, and what can be learnt from it."""

    def __init__(
        self,
        photos: Photos,
        vectors: FeatureMatrix,
        neighbours: Neighbours,
        group: Ints,
        role: Sequence[str],
    ) -> None:
        self.classes = photos.classes
        number = {name: i for i, name in enumerate(self.classes)}
        self.label = np.array([number[p.label] if p.label else -1 for p in photos], np.int64)
        self._vectors, self._neighbours, self._group = vectors, neighbours, group
        self._train = np.flatnonzero((np.array(role) == "train") & (vectors.row >= 0))

    def learn(self, folds: int, seed: int, progress: Progress | None) -> tuple[Beliefs | None, str]:
        """Beliefs about every photo, or why there are none."""
        own = self.label[self._train]
        if len(np.unique(own)) < max(2, len(self.classes)):
            return None, f"{len(np.unique(own))} class(es) with photos to learn from; 2 are needed"
        fold = np.full(len(self.label), -1, np.int64)
        try:
            fold[self._train] = assign_folds(
                own, self._group[self._train], n_folds=folds, seed=seed
            )
        except PhotosError as error:
            return None, str(error)
        return (
            fit_beliefs(
                self._vectors.values,
                self._vectors.row,
                self.label,
                fold,
                self._group,
                self._neighbours,
                n_classes=len(self.classes),
                progress=progress,
            ),
            "",
        )


def _distance(vectors: FeatureMatrix, beliefs: Beliefs | None) -> npt.NDArray[np.float64]:
    """Of each photo to the class that it is taken for, or to all photos."""
    found = np.full(len(vectors.row), np.nan)
    seen = np.flatnonzero(vectors.row >= 0)
    if len(vectors.values) < 2:
        return found
    answer = np.zeros(len(vectors.values), np.int64)
    if beliefs is not None:
        answer[vectors.row[seen]] = beliefs.proba[seen].argmax(axis=1)
    found[seen] = distances(vectors.values, answer)[vectors.row[seen]]
    return found


def _near_rows(vectors: FeatureMatrix, neighbours: Neighbours) -> list[list[int]]:
    """Rows of the nearest photos of each photo; of equal contents the first."""
    first = np.full(len(vectors.values), -1, np.int64)
    seen = np.flatnonzero(vectors.row >= 0)[::-1]
    first[vectors.row[seen]] = seen
    near = first[neighbours.row[:, :_SHOWN_NEAREST]]
    return [near[row].tolist() if row >= 0 else [] for row in vectors.row]
