"""Cut-outs of one picture, found by features: joined before folds are dealt, or told of after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..audit import join_cut_outs
from ..backbones import Device, find_backbone
from ..base import Progress
from ..features import FeatureExtractors, FeatureMatrix, WholePhotos, nearest
from ..photos import Photos, Scan, Table

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["joiner", "told_of_alike"]

_BACKBONE = "paw"  # always at hand, so that folds do not depend on what is trained
_NEAREST = 8
_MOST = 10_000  # photos that are looked at: the work grows with the square of their number
_TEXTURE = 0.25  # share of the photos above which they do not show one picture
_MANY, _LEAST = 0.1, 10  # share and number of photos of subjects: below, they are stray copies


def joiner(
    cache_dir: Path, device: Device, progress: Progress | None
) -> Callable[[Photos, list[Scan], Ints], Ints]:
    """Return what `prepare_table` joins groups of near-duplicates by: features of paw."""

    def join(photos: Photos, scans: list[Scan], twin: Ints) -> Ints:
        features = _features(photos, scans, cache_dir, device, progress)
        return _joined(photos, twin, features, progress)

    return join


def told_of_alike(
    table: Table,
    features: FeatureMatrix | None,
    *,
    cache_dir: Path,
    device: Device = "auto",
    progress: Progress | None = None,
) -> list[str]:
    """Say how many photos that train have a cut-out of their picture in another fold.

    Parameters
    ----------
    table : Table
    features : FeatureMatrix or None
        Features that were extracted of all photos that train; otherwise those of paw are.
    cache_dir, device, progress
        See `Classifier`.
    """
    train = table.rows("train")
    if features is None or (features.row[train] < 0).any():
        features = _features(table.photos, table.scans, cache_dir, device, progress)
    seen = train[features.row[train] >= 0]
    asked = np.sort(np.random.default_rng(0).permutation(seen)[:_MOST])
    some = replace(features, values=features.of(asked), row=np.arange(len(asked)))
    photos = table.photos.subset(asked.tolist())
    joined = _joined(photos, table.group[asked], some, progress)
    count = _apart(joined, table.fold[asked])
    if not count:
        return []
    among = f" of {len(asked):,} that were looked at" if len(asked) < len(seen) else ""
    said = f"{count:,} photos{among} have a cut-out of the same picture in another fold"
    if count >= max(_LEAST, _MANY * len(asked)) and not any(photo.group for photo in table.photos):
        return [
            f"{said}, as photos of one subject, burst or video have: the numbers are too good for "
            "new ones; say which belong together with --group COLUMN, --group folder or "
            "--group-name PATTERN, or keep those that were found together with --group-alike"
        ]
    return [f"{said}: the numbers are a little too good; --group-alike keeps them together"]


def _apart(group: Ints, fold: Ints) -> int:
    """Count the photos of groups that are in several folds."""
    pairs = np.unique(np.column_stack([group, fold]), axis=0)
    numbers, folds = np.unique(pairs[:, 0], return_counts=True)
    return int(np.isin(group, numbers[folds > 1]).sum())


def _features(
    photos: Photos,
    scans: list[Scan],
    cache_dir: Path,
    device: Device,
    progress: Progress | None,
) -> FeatureMatrix:
    backbone = find_backbone(_BACKBONE, weights_dir=None, cache_dir=cache_dir)
    extractors = FeatureExtractors([backbone], cache_dir=cache_dir, device=device)
    hashes = [scan.sha256 if not scan.problem else "" for scan in scans]
    return extractors.extract(WholePhotos(photos, hashes), progress=progress)


def _joined(
    photos: Photos, group: Ints, features: FeatureMatrix, progress: Progress | None
) -> Ints:
    if len(features.values) < 2:
        return group
    neighbours = nearest(features.values, _NEAREST, progress=progress)
    joined = join_cut_outs(photos, group, features, neighbours, progress=progress)
    # Stripes, weave or grain that many photos share lie over each other too, and are no picture.
    texture = np.bincount(joined)[joined] > _TEXTURE * len(photos)
    return np.where(texture, group, joined + int(group.max()) + 1)
