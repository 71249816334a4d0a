"""An audit check: photos without colours, among others that have them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pawlens.plugins import AuditCheck, AuditView, Detection, Kind, LeftOut

__all__ = ["GreyCheck"]

_LEAST_COLOUR = 4.0  # levels of 255 between the channels of a pixel, which JPEG makes of grey
_MOSTLY = 0.5


class GreyCheck(AuditCheck):
    """Photos in black and white: a model may learn that one class is grey."""

    kinds = (Kind("greyscale", "Greyscale", "Black and white among photos in colour.", 0.3),)

    def find(self, view: AuditView) -> Iterable[Detection]:
        """Measure how colourful each photo is."""
        measured = view.measure(_colourfulness, min_side=64)
        colour = np.array([np.nan if value is None else value for value in measured])
        seen, grey = np.isfinite(colour), colour < _LEAST_COLOUR
        if not seen.any() or grey.sum() > _MOSTLY * seen.sum():
            raise LeftOut("most photos are grey, so none is odd for being so")
        score = _LEAST_COLOUR / (_LEAST_COLOUR + colour)  # 0.5 at the limit, 1 without any colour
        why = {
            int(row): f"its colours differ by {colour[row]:.1f} of 255 levels"
            for row in np.flatnonzero(grey)
        }
        return [Detection("greyscale", score, grey, why)]


def _colourfulness(pixels: np.ndarray) -> float:
    """What 99 of 100 pixels stay under: the largest channel less the smallest, uint8 [H, W, 3]."""
    spread = pixels.max(axis=2).astype(np.int64) - pixels.min(axis=2)
    return float(np.percentile(spread, 99))
