"""Alignment: whether two photos show one picture, by small grey copies laid over each other.

One copy may be mirrored, and may be a cut-out of the other, so the second is stretched and moved
over the first until they agree best (Lucas and Kanade 1981, with gain and offset left free).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Flags = npt.NDArray[np.bool_]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["SIDE", "agreement", "thumbnail"]

SIDE = 32
_STEPS = 8
_STARTS = (1.0, 0.86, 1.16)  # as it is; the first is a cut-out of the second; the other way round
_LEAST_OVERLAP = 0.5
_SURE = 0.98
_HOPELESS = 0.4  # agreement that a fit must reach after some steps
_PATIENCE = 3
_CHUNK = 64  # pairs at once, so that their data stay in the processor's cache


def thumbnail(pixels: Pixels) -> Floats32:
    """Make a grey copy float32 (SIDE, SIDE) of uint8 (H, W, 3) pixels, resized to a square."""
    from PIL import Image

    grey = Image.fromarray(pixels).convert("L")
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)


def agreement(first: Floats32, second: Floats32) -> tuple[Floats32, Flags]:
    """Align pairs of pictures: their best correlation, and whether one of them is mirrored.

    Parameters
    ----------
    first, second : ndarray of float32, shape (m, SIDE, SIDE)

    Returns
    -------
    (correlation, mirrored)
        Normalised correlation over the overlap, float32 (m,), -1 to 1, and bool (m,).
    """
    best = np.full(len(first), -1, np.float32)
    mirrored = np.zeros(len(first), bool)
    for start in range(0, len(first), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        for flip in (False, True):
            left = first[chunk, :, ::-1] if flip else first[chunk]
            likeness = _as_they_lie(left, second[chunk])
            asked = np.flatnonzero(likeness < _SURE)
            if len(asked):
                likeness[asked] = _aligned(left[asked], second[chunk][asked])
            better = likeness > best[chunk] + 1e-4
            best[chunk] = np.where(better, likeness, best[chunk])
            mirrored[chunk] = np.where(better, flip, mirrored[chunk])
    return best, mirrored


def _as_they_lie(left: Floats32, right: Floats32) -> Floats32:
    return _correlate(left, right, np.ones_like(left))[0]


def _aligned(left: Floats32, right: Floats32) -> Floats32:
    best = np.full(len(left), -1, np.float32)
    for scale in _STARTS:
        fit = np.tile(np.array([scale, 0, scale, 0], np.float32), (len(left), 1))
        likeness, fit = _climb(left, right, fit, _PATIENCE)
        going = np.flatnonzero(likeness > _HOPELESS)
        if len(going):
            likeness[going], _ = _climb(left[going], right[going], fit[going], _STEPS - _PATIENCE)
        best = np.maximum(best, likeness)
    return best


def _climb(
    first: Floats32, second: Floats32, fit: Floats32, steps: int
) -> tuple[Floats32, Floats32]:
    """Take Gauss-Newton steps; return the best correlation on the way, and the final fit.

    A fit (m, 4) maps a place of the first picture to the second: x = stretch_x * across +
    shift_x, and likewise y.
    """
    place = ((np.arange(SIDE) + 0.5) * 2 / SIDE - 1).astype(np.float32)
    across, down = place[None, :], place[:, None]
    slope_y = np.asarray(np.gradient(second, axis=1), np.float32)
    slope_x = np.asarray(np.gradient(second, axis=2), np.float32)
    best = np.full(len(first), -1, np.float32)
    for step in range(steps + 1):
        x = fit[:, 0, None, None] * across + fit[:, 1, None, None]
        y = fit[:, 2, None, None] * down + fit[:, 3, None, None]
        inside = ((np.abs(x) <= 1) & (np.abs(y) <= 1)).astype(np.float32)
        moved, dx, dy = _sample((second, slope_x, slope_y), x, y)
        correlation, left, right, gain = _correlate(first, moved, inside)
        best = np.fmax(best, correlation)
        if step == steps:
            break
        slopes = [dx * across, dx, dy * down, dy]
        jacobian = np.stack([one_of * inside for one_of in slopes], axis=-1)
        fit = _moved(fit, jacobian * np.float32(SIDE / 2), left * gain[:, None, None] - right)
    return best, fit


def _moved(fit: Floats32, jacobian: Floats32, missing: Floats32) -> Floats32:
    """Return the fit after one damped Gauss-Newton step, within sensible bounds."""
    slopes = jacobian.reshape(len(fit), -1, 4)
    slopes = slopes - slopes.mean(axis=1, keepdims=True)
    square = np.einsum("mki,mkj->mij", slopes, slopes)
    damping = 1e-2 * np.trace(square, axis1=1, axis2=2) / 4 + 1e-3
    square += damping[:, None, None] * np.eye(4, dtype=np.float32)
    pull = np.einsum("mki,mk->mi", slopes, missing.reshape(len(fit), -1))
    fit = fit + np.clip(np.linalg.solve(square, pull[..., None])[..., 0], -0.15, 0.15)
    fit[:, ::2] = np.clip(fit[:, ::2], 0.6, 1.6)
    fit[:, 1::2] = np.clip(fit[:, 1::2], -0.5, 0.5)
    return fit


def _sample(
    pictures: tuple[Floats32, Floats32, Floats32], x: Floats32, y: Floats32
) -> list[Floats32]:
    """Interpolate pictures (m, SIDE, SIDE) at places in -1..1, bilinear."""
    column, row = (x + 1) * (SIDE / 2) - 0.5, (y + 1) * (SIDE / 2) - 0.5
    left = np.clip(np.floor(column), 0, SIDE - 2).astype(np.intp)
    top = np.clip(np.floor(row), 0, SIDE - 2).astype(np.intp)
    right_share, low_share = column - left, row - top
    at = np.arange(len(x))[:, None, None] * (SIDE * SIDE) + top * SIDE + left
    sampled = []
    for picture in pictures:
        flat = picture.reshape(-1)
        upper = flat[at] * (1 - right_share) + flat[at + 1] * right_share
        lower = flat[at + SIDE] * (1 - right_share) + flat[at + SIDE + 1] * right_share
        sampled.append((upper * (1 - low_share) + lower * low_share).astype(np.float32))
    return sampled


def _correlate(
    first: Floats32, second: Floats32, inside: Floats32
) -> tuple[Floats32, Floats32, Floats32, Floats32]:
    """Return correlation over the overlap (-1 if too small), both centred, and their gain."""
    count = inside.sum(axis=(1, 2))
    safe = np.maximum(count, 1)
    left = (first - ((first * inside).sum(axis=(1, 2)) / safe)[:, None, None]) * inside
    right = (second - ((second * inside).sum(axis=(1, 2)) / safe)[:, None, None]) * inside
    of_one, of_other = np.sqrt((left**2).sum(axis=(1, 2))), np.sqrt((right**2).sum(axis=(1, 2)))
    # One level of 255 is added to the contrast, so that two even pictures agree.
    product = (left * right).sum(axis=(1, 2)) + SIDE**2
    correlation = product / np.sqrt((of_one**2 + SIDE**2) * (of_other**2 + SIDE**2))
    enough = count > _LEAST_OVERLAP * SIDE * SIDE
    found = np.where(enough, correlation, -1).astype(np.float32)
    return found, left, right, of_other / np.maximum(of_one, 1e-3)
