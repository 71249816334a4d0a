"""Exploration: everything that is counted and measured before a model is trained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ._counts import Counts, count_photos
from ._photos import Photos
from ._pinned import pinned
from ._representatives import Sheet, choose_samples
from ._shortcuts import Shortcut, find_shortcuts
from .decoding import right_extension
from .scan import (
    Shapes,
    find_originals,
    measure_shapes,
    read_headers,
    same_bytes_groups,
    scan_photos,
)
from .table import suggest_groups

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Exploration", "explore"]


@dataclass(frozen=True)
class Exploration:
    """Counts and measurements of a table of photos.

    Attributes
    ----------
    photos : Photos
    counts : Counts
    shapes : Shapes
    formats, modes : dict of str to int
        Readable photos of each file format and colour mode, the most frequent first.
    size : ndarray of int64, shape (n,)
        Size of each file in bytes; 0 where it could not be read.
    turned : int
        Photos that are stored on a side or mirrored, which EXIF undoes.
    same_bytes : int
        Photos whose bytes are those of another one that counts as the original.
    unreadable : list of (str, str)
        Path and reason.
    misnamed : list of (str, str)
        Path and true format of photos whose names end otherwise.
    sheets : list of Sheet
        Photos to look at.
    shortcuts : list of Shortcut
        Traits of files that tell the classes apart.
    notes : list of str
        What suggests that some photos belong together.
    """

    photos: Photos
    counts: Counts
    shapes: Shapes
    formats: dict[str, int]
    modes: dict[str, int]
    size: npt.NDArray[np.int64]
    turned: int
    same_bytes: int
    unreadable: list[tuple[str, str]]
    misnamed: list[tuple[str, str]]
    sheets: list[Sheet]
    shortcuts: list[Shortcut]
    notes: list[str]


def explore(
    photos: Photos,
    *,
    cache_dir: Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Exploration:
    """Count and measure photos; nothing is changed and nothing is learnt.

    Every photo is decoded once, as scans do, to know that it can be. With a cache that is not
    done again, neither here nor in training.

    Parameters
    ----------
    photos : Photos
        With labels, as far as there are any.
    cache_dir : Path, optional
        Where scans and headers are kept. None keeps nothing.
    seed : int
        Seed of the choice of the photos that are shown.
    progress : callable, optional
    """
    scans = scan_photos(photos, cache_dir=cache_dir, progress=progress)
    photos = pinned(photos, [scan.sha256 for scan in scans])
    headers = read_headers(photos, scans, cache_dir=cache_dir, progress=progress)
    modes = Counter(header.mode for header in headers if header.mode)
    formats = Counter(scan.format for scan in scans if not scan.problem)
    paths = photos.paths
    return Exploration(
        photos,
        count_photos(photos),
        measure_shapes(scans, headers),
        dict(formats.most_common()),
        dict(modes.most_common()),
        np.fromiter((header.size for header in headers), np.int64, len(headers)),
        sum(header.orientation != 1 for header in headers),
        int((find_originals(photos, scans, same_bytes_groups(scans)) >= 0).sum()),
        [(path, s.problem) for path, s in zip(paths, scans, strict=True) if s.problem],
        [
            (path, scan.format)
            for path, scan in zip(paths, scans, strict=True)
            if not scan.problem and not right_extension(path, scan.format)
        ],
        choose_samples(photos, [not scan.problem for scan in scans], seed=seed),
        find_shortcuts(photos, scans, cache_dir=cache_dir, progress=progress),
        suggest_groups(photos, headers),
    )
