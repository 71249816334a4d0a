"""Shortcuts: traits of files that tell the classes apart, so that a model need not see a subject.

Where all cats are PNG and all dogs JPEG, or every class has a camera of its own, a network learns
that (Geirhos et al. 2020), and out-of-fold numbers cannot show it: the folds have it too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Progress
from ..metrics import Interval, clopper_pearson, mean_of_intervals, percent
from ._photo import is_none
from ._photos import Photos
from .scan import Scan, Traits, read_traits
from .table import as_targets

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["Shortcut", "find_shortcuts", "shortcut_notes"]

_MOST = 2000  # photos that are looked at
_FOLDS = 5
_VALUES = 20  # that are told apart
_BINS = 10
_ALARM = 0.7  # least low end; guessing has 0.5
_CAMERA_NAMES = re.compile(r"(IMG|DSC|DSCN|DSCF|PXL|MVI|GOPR|WhatsApp|P\d{3}|_MG|Screenshot)", re.I)


@dataclass(frozen=True)
class Shortcut:
    """A trait of files that tells a class from the others.

    Attributes
    ----------
    trait : str
        The trait in words, such as ``file format``.
    name : str
        The class.
    right : Interval
        Share of photos for which the trait alone says whether they are of the class, out-of-fold,
        those of the class and the others counting alike; guessing has 0.5.
    example : str
        What the trait is like in the class and elsewhere.
    """

    trait: str
    name: str
    right: Interval
    example: str

    def in_words(self, also: Sequence[str] = ()) -> str:
        """Return the shortcut, and `also` other traits, in words, with what to do about them."""
        others = f", and so do {', '.join(also)}" if also else ""
        return (
            f"Shortcut: the {self.trait} alone tells {self.name} from the rest{others}: right for "
            f"{self.right:.1%}, where guessing has {percent(0.5, 0)} ({self.example}). A model "
            "may learn that in place of what the photos show. Bring photos of all classes from the "
            "same sources, saved alike, and measure on photos from elsewhere: "
            "pawlens evaluate RUN OTHERS."
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        right = {"value": self.right.value, "low": self.right.low, "high": self.right.high}
        return {"trait": self.trait, "class": self.name, "right": right, "example": self.example}


def find_shortcuts(
    photos: Photos,
    scans: Sequence[Scan],
    *,
    kept: Bools | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> list[Shortcut]:
    """Find traits that tell a class from the others much better than guessing.

    Of each trait and class it is asked, out-of-fold, whether photos with the trait's value are more
    often of the class than other photos are. At most 2,000 photos are looked at. A trait counts
    where the low end of its interval is at least 0.7.

    Parameters
    ----------
    photos : Photos
        With labels, as far as there are any.
    scans : sequence of Scan
    kept : ndarray of bool, shape (n,), optional
        The photos that train; by default those without a split, and those of ``train``.
    cache_dir : Path, optional
        Where ``traits.sqlite`` is kept. None keeps nothing.
    progress : callable, optional

    Returns
    -------
    list of Shortcut
        The class that each trait tells best, the surest first.
    """
    classes = [name for name in photos.classes if not is_none(name)]
    if len(photos.classes) < 2:
        return []
    targets = as_targets(photos, classes)
    if kept is None:
        kept = np.array([photo.split in ("", None, "train") for photo in photos], bool)
    labelled = np.array([bool(photo.labels) for photo in photos], bool)
    readable = np.array([bool(scan.sha256) and not scan.problem for scan in scans], bool)
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(np.flatnonzero(kept & labelled & readable))[:_MOST])
    traits = read_traits(photos, scans, rows.tolist(), cache_dir=cache_dir, progress=progress)
    fold = _folds(targets[rows], rng)
    found = [
        shortcut
        for trait, values in _columns(photos, scans, rows.tolist(), traits).items()
        if (shortcut := _strongest(trait, values, targets[rows], fold, classes)) is not None
    ]
    return sorted(found, key=lambda one: -one.right.low)


def shortcut_notes(shortcuts: Sequence[Shortcut]) -> list[str]:
    """Describe the surest shortcut, and name the others, in one note; none without any."""
    if not shortcuts:
        return []
    first, *rest = shortcuts
    return [first.in_words([one.trait for one in rest])]


def _columns(
    photos: Photos, scans: Sequence[Scan], rows: list[int], traits: Sequence[Traits]
) -> dict[str, list[Any]]:
    """Return the value of each trait for each row."""
    of = [scans[row] for row in rows]
    return {
        "file format": [scan.format for scan in of],
        "width in pixels": [scan.width for scan in of],
        "height in pixels": [scan.height for scan in of],
        "shape (width by height)": [round(scan.width / max(scan.height, 1), 2) for scan in of],
        "file size": [one.size for one in traits],
        "compression": [one.compression for one in traits],
        "colour mode": [one.mode for one in traits],
        "camera": [one.camera or "no camera" for one in traits],
        "border": [one.border for one in traits],
        "frame": [one.frame for one in traits],
        "start of the file name": [_start(photos[row].path) for row in rows],
    }


def _start(path: str) -> str:
    """Return the word with which a camera begins file names; other names may name the subject."""
    begin = _CAMERA_NAMES.match(PurePosixPath(path.replace("\\", "/")).name)
    return begin[0].upper() if begin else "other"


def _folds(targets: Bools, rng: np.random.Generator) -> Ints:
    """Deal photos into folds, those of a class evenly."""
    order = np.lexsort((rng.random(len(targets)), targets.argmax(axis=1)))
    fold = np.empty(len(targets), np.int64)
    fold[order] = np.arange(len(targets)) % _FOLDS
    return fold


def _strongest(
    trait: str, values: list[Any], targets: Bools, fold: Ints, classes: Sequence[str]
) -> Shortcut | None:
    """Return the class that a trait tells best from the others, where that is an alarm."""
    code = _codes(values)
    if not code.any():  # all photos are alike
        return None
    said = _answers(code, targets, fold)
    best = None
    for k, name in enumerate(classes):
        mine = targets[:, k]
        if not mine.any() or mine.all():
            continue
        right = mean_of_intervals([_share(said[mine, k]), _share(~said[~mine, k])])
        if best is None or right.low > best.right.low:
            best = Shortcut(trait, name, right, _example(values, mine))
    return best if best is not None and best.right.low >= _ALARM else None


def _codes(values: list[Any]) -> Ints:
    """Number the values of a trait: the commonest ones, or bins of equal mass."""
    kinds, code, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(kinds) <= _VALUES:
        return np.asarray(code, np.int64)
    if isinstance(values[0], str):
        rank = np.argsort(np.argsort(-count, kind="stable"))
        return np.minimum(rank[code], _VALUES)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def _answers(code: Ints, targets: Bools, fold: Ints) -> Bools:
    """Tell out-of-fold which classes a photo's value speaks for, bool (n, K)."""
    said = np.zeros(targets.shape, bool)
    for held in range(_FOLDS):
        own, others = fold == held, fold != held
        taught, seen = targets[others].astype(np.float64), code[others]
        with_value = np.stack(
            [np.bincount(seen, column, code.max() + 1) for column in taught.T], axis=1
        )
        without = np.bincount(seen, minlength=code.max() + 1)[:, None] - with_value
        total = taught.sum(axis=0)
        rate = with_value / np.maximum(total, 1)
        said[own] = (rate > without / np.maximum(len(taught) - total, 1))[code[own]]
    return said


def _share(hits: Bools) -> Interval:
    low, high = clopper_pearson(hits.sum(), len(hits))
    return Interval(float(hits.mean()), float(low), float(high))


def _example(values: list[Any], mine: Bools) -> str:
    """Describe the usual value in the class, and in the others."""
    own, others = (
        [value for value, yes in zip(values, such, strict=True) if yes] for such in (mine, ~mine)
    )
    if isinstance(values[0], str):
        ends = [Counter(some).most_common(1)[0][0] for some in (own, others)]
    else:
        ends = [f"{np.median(some):g}" for some in (own, others)]
    return f"mostly {ends[0]} in the class, {ends[1]} elsewhere"
