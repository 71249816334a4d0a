"""Detection of borders, blur, darkness, glare and emptiness, from the looks of the photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ._appearance import Look
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
        """Judge all photos by their looks."""
        return find_quality(view.looks)


def find_quality(looks: Sequence[Look | None]) -> list[Detection]:
    """Detect borders, and blurred, dark, light and blank photos."""
    return [
        _border(looks),
        _below("blurred", looks, lambda one: _SHARP / max(one.sharpness, 1e-9), _blurred),
        _below("dark", looks, lambda one: _DARK / max(one.bright, 1e-9), _dark),
        _below("light", looks, lambda one: (1 - _LIGHT) / max(1 - one.dim, 1e-9), _light),
        _below("blank", looks, lambda one: _ENTROPY / max(one.entropy, 1e-9), _blank),
    ]


def _border(looks: Sequence[Look | None]) -> Detection:
    score = np.array([np.nan if one is None else _border_score(one) for one in looks])
    found = score > 0.5
    why = {}
    for row in np.flatnonzero(found).tolist():
        one = looks[row]
        if one is not None:
            why[row] = (
                f"the picture is {one.right - one.left} x {one.bottom - one.top} of "
                f"{one.width} x {one.height} pixels"
            )
    return Detection("border", score, found, why, dict.fromkeys(why, "trim"))


def _border_score(look: Look) -> float:
    """Score a border by the share of the photo that it covers."""
    if not look.width:
        return 0.0
    inside = (look.right - look.left) * (look.bottom - look.top)
    share = 1 - inside / (look.width * look.height)
    return float(from_ratio(share / _LARGE_BORDER))


def _below(
    kind: str,
    looks: Sequence[Look | None],
    ratio: Callable[[Look], float],
    why: Callable[[Look], str],
) -> Detection:
    ratios = np.array([np.nan if one is None else ratio(one) for one in looks])
    found = ratios > 1
    rows = np.flatnonzero(found).tolist()
    told = {row: why(one) for row in rows if (one := looks[row]) is not None}
    return Detection(kind, from_ratio(ratios), found, told)


def _blurred(look: Look) -> str:
    return f"sharpness {look.sharpness:.2f}, less than {_SHARP:g}"


def _dark(look: Look) -> str:
    return f"99 of 100 pixels are darker than {100 * look.bright:.0f} of 100"


def _light(look: Look) -> str:
    return f"95 of 100 pixels are lighter than {100 * look.dim:.0f} of 100"


def _blank(look: Look) -> str:
    return f"{look.entropy:.1f} bits of grey levels, less than {_ENTROPY:g}"
