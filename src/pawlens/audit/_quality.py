"""Detection of borders, blur, darkness, glare and emptiness, from the photos' appearance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ._appearance import Appearance
from ._check import AuditCheck
from ._detection import Detection, from_ratio
from ._kind import Kind
from ._view import AuditView

__all__ = ["QualityCheck", "find_quality"]

# What few real photos reach; docs/audit.md says how many, and what they find of planted ones.
_SHARP = 0.08
_DARK = 0.32  # cleanvision's limit
_LIGHT = 0.75
_ENTROPY = 3.0  # bits; cleanvision's limit
_LARGE_BORDER = 0.05  # of the area


class QualityCheck(AuditCheck):
    """Photos with plain borders, and photos in which there is little to see."""

    kinds = (
        Kind(
            "border",
            "Plain borders",
            "A large part of the photo is an even frame; the box shows where the picture is.",
            0.6,
        ),
        Kind("blurred", "Blurred", "Hardly any sharp edge.", 0.5),
        Kind("dark", "Dark", "Even the brightest parts are dark.", 0.5),
        Kind("light", "Light", "Even the darkest parts are light.", 0.5),
        Kind("blank", "Blank", "Hardly anything to see: nearly one colour.", 0.8),
    )

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Judge all photos by their appearance."""
        return find_quality(view.appearances)


def find_quality(appearances: Sequence[Appearance | None]) -> list[Detection]:
    """Detect borders, and blurred, dark, light and blank photos."""
    return [
        _border(appearances),
        _below("blurred", appearances, lambda photo: _SHARP / max(photo.sharpness, 1e-9), _blurred),
        _below("dark", appearances, lambda photo: _DARK / max(photo.bright, 1e-9), _dark),
        _below("light", appearances, lambda photo: (1 - _LIGHT) / max(1 - photo.dim, 1e-9), _light),
        _below("blank", appearances, lambda photo: _ENTROPY / max(photo.entropy, 1e-9), _blank),
    ]


def _border(appearances: Sequence[Appearance | None]) -> Detection:
    score = np.array([np.nan if photo is None else _border_score(photo) for photo in appearances])
    found = score > 0.5
    why = {}
    for row in np.flatnonzero(found).tolist():
        photo = appearances[row]
        if photo is not None:
            why[row] = (
                f"the picture is {photo.right - photo.left} x {photo.bottom - photo.top} of "
                f"{photo.width} x {photo.height} pixels"
            )
    return Detection("border", score, found, why, dict.fromkeys(why, "trim"))


def _border_score(photo: Appearance) -> float:
    """Score a border by the share of the photo that it covers."""
    if not photo.width:
        return 0.0
    inside = (photo.right - photo.left) * (photo.bottom - photo.top)
    share = 1 - inside / (photo.width * photo.height)
    return float(from_ratio(share / _LARGE_BORDER))


def _below(
    kind: str,
    appearances: Sequence[Appearance | None],
    ratio: Callable[[Appearance], float],
    why: Callable[[Appearance], str],
) -> Detection:
    ratios = np.array([np.nan if photo is None else ratio(photo) for photo in appearances])
    found = ratios > 1
    rows = np.flatnonzero(found).tolist()
    told = {row: why(photo) for row in rows if (photo := appearances[row]) is not None}
    return Detection(kind, from_ratio(ratios), found, told)


def _blurred(photo: Appearance) -> str:
    return f"sharpness {photo.sharpness:.2f}, less than {_SHARP:g}"


def _dark(photo: Appearance) -> str:
    return f"99 of 100 pixels are darker than {100 * photo.bright:.0f} of 100"


def _light(photo: Appearance) -> str:
    return f"95 of 100 pixels are lighter than {100 * photo.dim:.0f} of 100"


def _blank(photo: Appearance) -> str:
    return f"{photo.entropy:.1f} bits of grey levels, less than {_ENTROPY:g}"
