"""Deletion and insertion curves: does the answer depend on the places that a map names?

After Petsiuk et al. 2018 (RISE, arXiv:1806.07421). Places are taken away from the photo, the
first in the map's order first (deletion), or laid on a blurred copy of it (insertion). A map that
names the right places lets the probability fall early, or rise early.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["STEPS", "area", "centred_map", "deletion", "insertion", "random_map"]

STEPS = np.linspace(0, 1, 11)
"""The shares of the photo that are taken away, or shown."""

_FINENESS = 7  # cells along a side of a random map, as fine as the maps of most networks
_BLUR = 0.08  # of the longer side: the animal is gone, its colours stay


def deletion(answer: Callable[[Pixels], float], pixels: Pixels, values: Floats32) -> Floats:
    """Compute probabilities (len(STEPS),) as the highest places get the photo's mean colour."""
    mean = np.broadcast_to(pixels.mean((0, 1)).astype(np.uint8), pixels.shape)
    return _changed(answer, pixels, mean, values)


def insertion(answer: Callable[[Pixels], float], pixels: Pixels, values: Floats32) -> Floats:
    """Compute probabilities (len(STEPS),) as the highest places are shown sharp."""
    from PIL import Image, ImageFilter

    radius = _BLUR * max(pixels.shape[:2])
    blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius))
    return _changed(answer, np.asarray(blurred), pixels, values)


def area(curve: Floats) -> Floats:
    """Compute the mean height of curves (..., len(STEPS)), 0 to 1."""
    from scipy.integrate import trapezoid  # NumPy has it under this name since 2.0 only

    return np.asarray(trapezoid(curve, STEPS, axis=-1))


def random_map(shape: tuple[int, int], rng: np.random.Generator) -> Floats32:
    """Draw a random map (H, W) with cells as large as those of a network."""
    from PIL import Image

    cells = rng.normal(size=(_FINENESS, _FINENESS)).astype(np.float32)
    grown = Image.fromarray(cells).resize(shape[::-1], Image.Resampling.BICUBIC)
    return np.asarray(grown, np.float32)


def centred_map(shape: tuple[int, int]) -> Floats32:
    """Make a map (H, W) that is highest in the middle, where people put animals in photos."""
    down, across = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    return -np.hypot(down[:, None], across[None])


def _changed(
    answer: Callable[[Pixels], float], first: Pixels, then: Pixels, values: Floats32
) -> Floats:
    """Predict while one photo turns into another, the highest places first."""
    order = np.argsort(-values.ravel(), kind="stable")
    answers = []
    for share in STEPS:
        photo = first.reshape(-1, 3).copy()
        changed = order[: round(share * len(order))]
        photo[changed] = then.reshape(-1, 3)[changed]
        answers.append(answer(photo.reshape(first.shape)))
    return np.array(answers)
