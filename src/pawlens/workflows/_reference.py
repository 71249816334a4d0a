"""What photos of a run are like, made compact so that later ones can be compared with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audit import Appearance, measure_appearance
from ..base import Progress
from ..errors import RunError
from ..models import Model
from ..photos import Photos, scan_photos
from ..runs import REFERENCE_MEASURES, Run, stored_photos
from ..trust import project

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Singles = npt.NDArray[np.float32]

__all__ = [
    "REFERENCE_PHOTOS",
    "Reference",
    "picture_measures",
    "reference_columns",
    "reference_of",
    "sample_rows",
]

REFERENCE_PHOTOS = 1000
"""The most photos behind a reference."""


@dataclass(frozen=True)
class Reference:
    """Photos of a run that later ones are compared with.

    Attributes
    ----------
    features : ndarray of float32, shape (m, D)
        From `project`.
    answers : list of str, length m
        The out-of-fold label of each photo.
    measures : dict of str to ndarray of float64, shape (m,)
        From `picture_measures`.
    """

    features: Singles
    answers: list[str]
    measures: dict[str, Floats]


def reference_of(
    run: Run,
    model: Model,
    photos: str | Path | None = None,
    *,
    cache_dir: Path | None,
    progress: Progress | None = None,
) -> Reference:
    """Read the reference of a run, or make it anew from the photos of one that kept none.

    Parameters
    ----------
    run : Run
    model : Model
        The model of the run.
    photos : path, optional
        Where the photos of the run lie now.
    cache_dir : Path or None
    progress : callable, optional

    Raises
    ------
    RunError
        There is none, and the photos are gone.
    """
    kept = run.reference()
    if kept is not None:
        width = len(kept["embedding"][0])
        flat = kept["embedding"].combine_chunks().flatten().to_numpy()
        measures = {name: np.asarray(kept[name], np.float64) for name in REFERENCE_MEASURES}
        features = np.asarray(flat, np.float32).reshape(-1, width)
        return Reference(features, kept["answer"].to_pylist(), measures)
    return _made_anew(run, model, photos, cache_dir, progress)


def _made_anew(
    run: Run,
    model: Model,
    place: str | Path | None,
    cache_dir: Path | None,
    progress: Progress | None,
) -> Reference:
    stored = stored_photos(run, place)
    if stored is None:
        raise RunError(
            f"{run.path}: an earlier version wrote it, without a reference, and its photos are not "
            "where they were; say where with --photos-of-run, or train it again"
        )
    oof = run.oof().to_pydict()
    row_of = {path: row for row, path in enumerate(stored.paths)}
    places = [place for place, path in enumerate(oof["path"]) if path in row_of]
    group = np.array(run.photos()["group"].to_pylist(), np.int64)
    rows = np.array([row_of[oof["path"][place]] for place in places], np.int64)
    chosen = sample_rows(rows, group[rows], seed=0)
    photos = stored.subset(chosen.tolist())
    found = model.embed(photos, progress=progress)
    seen = np.flatnonzero(~np.isnan(found.values).any(axis=1))
    best = np.column_stack([oof[f"p:{name}"] for name in run.classes]).argmax(axis=1)
    answer = {path: run.classes[k] for path, k in zip(oof["path"], best, strict=True)}
    measures = picture_measures(photos, cache_dir=cache_dir, progress=progress)
    return Reference(
        project(found.values[seen], [spec.feature_dim for spec in model.facts.backbones]),
        [answer[found.paths[row]] for row in seen],
        {name: values[seen] for name, values in measures.items()},
    )


def sample_rows(rows: Ints, group: Ints, seed: int) -> Ints:
    """Draw up to 1,000 rows in random order, one of each group of photos that belong together.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
    group : ndarray of int64, shape (n,)
        Photos of a group share a number.
    seed : int
    """
    order = np.random.default_rng(seed).permutation(len(rows))
    _, first = np.unique(group[order], return_index=True)
    return rows[order[np.sort(first)]][:REFERENCE_PHOTOS]


def reference_columns(
    features: Singles,
    widths: Sequence[int],
    answers: Sequence[str],
    measures: dict[str, Floats],
) -> dict[str, Any]:
    """Make the columns of ``reference.parquet``.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Features of all backbones side by side.
    widths : sequence of int
        The number of features of each backbone.
    answers : sequence of str, length n
        The out-of-fold label of each photo.
    measures : dict of str to ndarray of float64, shape (n,)
        From `picture_measures`.
    """
    return {"embedding": list(project(features, widths)), "answer": list(answers), **measures}


def picture_measures(
    photos: Photos, *, cache_dir: Path | None = None, progress: Progress | None = None
) -> dict[str, Floats]:
    """Measure each picture: brightness, sharpness, information and size; NaN where unreadable.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        ``brightness`` 0 to 1, ``sharpness`` (standard deviation of the Laplacian as a multiple of
        the picture's own), ``entropy`` in bits, ``pixels``.
    """
    scans = scan_photos(photos, cache_dir=cache_dir, progress=progress)
    hashes = ["" if scan.problem else scan.sha256 for scan in scans]
    looks = measure_appearance(photos, hashes, cache_dir=cache_dir, progress=progress)
    pixels = [float(scan.width * scan.height) for scan in scans]
    rows = [_measures(look, size) for look, size in zip(looks, pixels, strict=True)]
    table = np.array(rows, np.float64).reshape(len(rows), len(REFERENCE_MEASURES))
    return dict(zip(REFERENCE_MEASURES, table.T.copy(), strict=True))


def _measures(look: Appearance | None, pixels: float) -> tuple[float, ...]:
    if look is None:
        return (np.nan,) * len(REFERENCE_MEASURES)
    return (look.bright + look.dim) / 2, look.sharpness, look.entropy, pixels
