"""Detection by a photo's file and size: format, size and shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..photos import TINY_PIXELS, Photos, Scan, right_extension
from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["FileCheck", "find_file_faults"]

_FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far outliers, 1977
_NARROWEST = np.log(1.2)  # of all photos alike, one has to differ by 1.2 ** 3 to be odd
_LONGEST = 1 / 0.35  # longer side by shorter; cleanvision's limit


class FileCheck(AuditCheck):
    """Files that cannot be read or are named wrongly, and photos of odd sizes and shapes."""

    kinds = (
        Kind("unreadable", "Unreadable", "The file cannot be decoded as a photo.", 1.0),
        Kind(
            "wrong_extension",
            "Wrong extension",
            "The content is of another format than the file's name says. Harmless here, since "
            "formats are read from the content.",
            0.2,
        ),
        Kind("tiny", "Tiny", "Fewer than 3,600 pixels: too little to see much in.", 0.6),
        Kind("odd_size", "Odd size", "Much larger or smaller than the other photos.", 0.3),
        Kind("odd_aspect", "Odd shape", "Much longer or narrower than the other photos.", 0.4),
    )

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Judge all photos by their scans."""
        return find_file_faults(view.photos, view.scans)


def find_file_faults(photos: Photos, scans: Sequence[Scan]) -> list[Detection]:
    """Detect unreadable files, wrong extensions, tiny photos, odd sizes and odd shapes."""
    readable = np.array([not scan.problem for scan in scans])
    width = np.array([scan.width for scan in scans], np.float64)
    height = np.array([scan.height for scan in scans], np.float64)
    width[~readable] = height[~readable] = np.nan
    return [
        _unreadable(scans),
        _wrong_extension(photos, scans),
        _tiny(width, height),
        _odd_size(width, height),
        _odd_aspect(width, height),
    ]


def _unreadable(scans: Sequence[Scan]) -> Detection:
    why = {row: scan.problem for row, scan in enumerate(scans) if scan.problem}
    found = np.array([bool(scan.problem) for scan in scans])
    return Detection("unreadable", found.astype(np.float64), found, why, dict.fromkeys(why, "drop"))


def _wrong_extension(photos: Photos, scans: Sequence[Scan]) -> Detection:
    score = np.full(len(scans), np.nan)
    why = {}
    for row, (path, scan) in enumerate(zip(photos.paths, scans, strict=True)):
        if not scan.problem:
            right = right_extension(path, scan.format)
            score[row] = float(not right)
            if not right:
                why[row] = f"it is a {scan.format}"
    return Detection("wrong_extension", score, score == 1, why)


def _tiny(width: Floats, height: Floats) -> Detection:
    area = width * height
    score = from_ratio(TINY_PIXELS / area)
    found = area < TINY_PIXELS
    why = {
        int(row): f"{width[row]:.0f} x {height[row]:.0f} pixels" for row in np.flatnonzero(found)
    }
    return Detection("tiny", score, found, why)


def _odd_size(width: Floats, height: Floats) -> Detection:
    size = np.log(width * height) / 2
    ratio = _beyond_fence(size)
    found = ratio > 1
    middle = np.exp(np.nanmedian(size)) if np.isfinite(size).any() else np.nan
    why = {}
    for row in np.flatnonzero(found):
        times = np.exp(size[row]) / middle
        larger, smaller = f"{times:.1f} times as large as", f"{1 / times:.1f} times smaller than"
        than = larger if times > 1 else smaller
        why[int(row)] = f"{width[row]:.0f} x {height[row]:.0f} pixels, {than} most"
    return Detection("odd_size", from_ratio(ratio), found, why)


def _odd_aspect(width: Floats, height: Floats) -> Detection:
    aspect = np.log(width / height)
    ratio = np.fmax(_beyond_fence(aspect), np.abs(aspect) / np.log(_LONGEST))
    found = ratio > 1
    why = {
        int(row): f"{width[row]:.0f} x {height[row]:.0f} pixels, {_shape(width[row], height[row])}"
        for row in np.flatnonzero(found)
    }
    return Detection("odd_aspect", from_ratio(ratio), found, why)


def _shape(width: float, height: float) -> str:
    if width > height:
        return f"{width / height:.1f} times as wide as high"
    return f"{height / width:.1f} times as high as wide"


def _beyond_fence(values: Floats) -> Floats:
    """Measure the distance beyond the quartiles, relative to the allowed one; NaN stays NaN."""
    if not np.isfinite(values).any():
        return values
    low, high = np.nanquantile(values, (0.25, 0.75))
    allowed = _FENCE * max(high - low, _NARROWEST)
    return np.asarray(np.maximum(np.maximum(low - values, values - high), 0) / allowed)
