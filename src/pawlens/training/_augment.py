"""Random augmentation, reproducible whenever and wherever a photo is drawn again.

The variation of a photo follows from the seed, the epoch and the photo's number alone, so neither
the order of photos nor the batch, the number of workers or an interruption changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base import require
from ..recipes import Augment

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    Floats = npt.NDArray[np.float64]

__all__ = ["augment", "mixed"]

_DRAWS = 16  # uniform random numbers for each photo, always as many, whatever is switched on
_EVERY = 4  # the mean colour is taken from one of so many rows and columns
_AREA = (0.02, 0.2)  # area of an erased rectangle, as a share of the photo
_ASPECT = (0.3, 1 / 0.3)  # its height divided by its width (Zhong et al. 2020)
_GEOMETRY = ("rotate", "crop", "zoom", "shift", "shear")


def augment(
    pixels: Tensor,
    photos: Sequence[int],
    *,
    epoch: int,
    seed: int,
    values: Augment,
    size: int,
    fill: Sequence[float] | None = None,
) -> Tensor:
    """Vary a batch of photos and bring it to the size of the network's input.

    Flip, rotation, shear, zoom, shift and crop are one affine map, and pixels are interpolated
    once (bilinear); beyond the photo's edge stands its mirror image. There is no antialiasing:
    `size` should be at least half the side of the photos.

    Parameters
    ----------
    pixels : Tensor of uint8, shape (N, 3, side, side)
    photos : sequence of int
        The number of each photo, from 0, which seeds its variation.
    epoch, seed : int
        From 0.
    values : Augment
    size : int
        Side of the result, in pixels.
    fill : sequence of 3 floats, optional
        Colour of erased rectangles, 0 to 255; each photo's own mean colour by default.

    Returns
    -------
    Tensor of float32, shape (N, 3, size, size)
        Pixels 0 to 255, which share no memory with the input.
    """
    draws = _draws(photos, epoch, seed)
    if any(getattr(values, name) for name in _GEOMETRY) or pixels.shape[-1] != size:
        images = _sampled(pixels, draws, values, size)
    else:
        images = _mirrored(pixels, draws, values)
    if values.brightness or values.contrast or (values.erase and fill is None):
        means = _mean_colours(pixels)
    if values.brightness or values.contrast:
        _light(images, means, draws, values)
    if values.erase:
        colours = means if fill is None else np.tile(np.asarray(fill, np.float64), (len(draws), 1))
        _erase(images, colours, draws, values)
    return images


def mixed(
    images: Tensor, targets: Tensor, *, mixup: float, cutmix: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Mix each photo of a batch with another one, and their targets in the same way.

    mixup (Zhang et al. 2018, arXiv:1710.09412) blends whole photos, CutMix (Yun et al. 2019,
    arXiv:1905.04899) puts a rectangle of the other photo in. Where both are asked for, a coin
    decides for the batch.

    Parameters
    ----------
    images : Tensor of float32, shape (N, C, H, W)
    targets : Tensor of float32, shape (N, K)
        Targets, one-hot or soft.
    mixup, cutmix : float
        Alpha of the beta distribution of a photo's share; 0 is off.
    rng : numpy.random.Generator

    Returns
    -------
    (images, targets) : tuple of Tensor
        The mixed batch; the arguments themselves where nothing was mixed.
    """
    if not (mixup or cutmix):
        return images, targets
    torch = require("torch", extra="torch")
    cut = bool(cutmix) and not (mixup and rng.random() < 0.5)
    alpha = cutmix if cut else mixup
    kept = float(rng.beta(alpha, alpha))
    other = torch.as_tensor(rng.permutation(len(images)), device=images.device)
    if cut:
        height, width = images.shape[2:]
        (top, bottom), (left, right) = (
            _span(float(rng.random()), (1 - kept) ** 0.5, length) for length in (height, width)
        )
        images, partners = images.clone(), images[other]
        images[:, :, top:bottom, left:right] = partners[:, :, top:bottom, left:right]
        kept = 1 - (bottom - top) * (right - left) / (height * width)
    else:
        images = images.lerp(images[other], 1 - kept)
    return images, targets.lerp(targets[other], 1 - kept)


def _draws(photos: Sequence[int], epoch: int, seed: int) -> Floats:
    """Draw uniform numbers in [0, 1), float64 (N, _DRAWS)."""
    return np.stack([np.random.default_rng([seed, epoch, int(n)]).random(_DRAWS) for n in photos])


def _either_way(uniform: Floats, largest: float) -> Floats:
    return (2 * uniform - 1) * largest


def _maps(draws: Floats, values: Augment) -> Floats:
    """Compute affine maps float64 (N, 2, 3) from output to input, the photo being -1 to 1.

    The photo is sheared, enlarged, rotated and shifted, then a window is cut out of it and, at
    last, mirrored; this is the way back.
    """
    u = draws.T
    angle = np.deg2rad(_either_way(u[1], values.rotate))
    slant = np.tan(np.deg2rad(_either_way(u[2], values.shear)))
    scale = 1 + _either_way(u[3], values.zoom)
    window = 1 - values.crop * u[4]
    centre = np.stack([_either_way(u[5], 1), _either_way(u[6], 1)], 1) * (1 - window)[:, None]
    shift = np.stack([_either_way(u[7], values.shift), _either_way(u[8], values.shift)], 1) * 2
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    sheared = np.array([[np.ones_like(slant), -slant], [np.zeros_like(slant), np.ones_like(slant)]])
    back = np.einsum("ijn,jkn->nik", sheared, turned) / scale[:, None, None]
    offset = np.einsum("nij,nj->ni", back, centre - shift)
    linear = back * window[:, None, None]
    linear[:, :, 0] *= np.where(_flipped(draws, values), -1, 1)[:, None]
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _flipped(draws: Floats, values: Augment) -> npt.NDArray[np.bool_]:
    return np.less(draws[:, 0], values.flip)


def _sampled(pixels: Tensor, draws: Floats, values: Augment, size: int) -> Tensor:
    """Apply all geometry in one interpolation."""
    torch = require("torch", extra="torch")
    maps = _maps(draws, values)
    device = pixels.device
    theta = torch.as_tensor(maps, dtype=torch.float32, device=device)
    places = (torch.arange(size, device=device, dtype=torch.float32) * 2 + 1) / size - 1
    # `F.affine_grid` multiplies matrices for this, in four times the time.
    across = theta[:, None, :, 0] * places[:, None]
    down = theta[:, None, :, 1] * places[:, None] + theta[:, None, :, 2]
    grid = across[:, None] + down[:, :, None]
    beyond = np.flatnonzero((np.abs(maps).sum(axis=2) > 1).any(axis=1))
    if len(beyond):
        rows = torch.as_tensor(beyond, device=device)
        folded = torch.remainder(grid[rows] + 1, 4).sub_(2).abs_()
        grid[rows] = folded.neg_().add_(1)
    sampled: Tensor = torch.nn.functional.grid_sample(
        pixels.float(), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return sampled


def _mirrored(pixels: Tensor, draws: Floats, values: Augment) -> Tensor:
    """Mirror only, which needs no interpolation."""
    torch = require("torch", extra="torch")
    images = pixels.float()
    rows = torch.as_tensor(np.flatnonzero(_flipped(draws, values)), device=pixels.device)
    if len(rows):
        images[rows] = images[rows].flip(3)
    return images


def _mean_colours(pixels: Tensor) -> Floats:
    """Compute the mean of each channel, float64 (N, 3), from integers: the same in any batch."""
    part = pixels[:, :, ::_EVERY, ::_EVERY]
    sums: Floats = part.flatten(2).sum(2).cpu().numpy().astype(np.float64)
    return sums / float(part[0, 0].numel())


def _light(images: Tensor, means: Floats, draws: Floats, values: Augment) -> None:
    """Change brightness (a factor) and contrast (about the mean grey) in place."""
    torch = require("torch", extra="torch")
    brightness = 1 + _either_way(draws[:, 9], values.brightness)
    contrast = 1 + _either_way(draws[:, 10], values.contrast)
    lift = means.mean(axis=1) * brightness * (1 - contrast)
    factor, lift = (
        torch.as_tensor(value, dtype=torch.float32, device=images.device).view(-1, 1, 1, 1)
        for value in (brightness * contrast, lift)
    )
    images.mul_(factor).add_(lift).clamp_(0, 255)


def _erase(images: Tensor, colours: Floats, draws: Floats, values: Augment) -> None:
    """Erase random rectangles in place (Zhong et al. 2020, arXiv:1708.04896)."""
    torch = require("torch", extra="torch")
    size = images.shape[-1]
    paint = torch.as_tensor(colours, dtype=torch.float32, device=images.device)[:, :, None, None]
    for row in np.flatnonzero(draws[:, 11] < values.erase).tolist():
        area, aspect, y, x = draws[row, 12:16].tolist()
        area = _AREA[0] + area * (_AREA[1] - _AREA[0])
        aspect = float(np.exp(np.log(_ASPECT[0]) + aspect * np.log(_ASPECT[1] / _ASPECT[0])))
        top, bottom = _span(y, (area * aspect) ** 0.5, size)
        left, right = _span(x, (area / aspect) ** 0.5, size)
        images[row, :, top:bottom, left:right] = paint[row]


def _span(place: float, share: float, length: int) -> tuple[int, int]:
    """Return start and end of a stretch about a place in [0, 1), cut off at the edges."""
    half = share * length / 2
    middle = place * length
    return max(round(middle - half), 0), min(round(middle + half), length)
