"""Batches for the student: a crop of a view, and the teacher's cells of the same crop.

All randomness of a step is drawn from (seed, step) and of an epoch from (seed, epoch), so a
resumed training sees exactly what an uninterrupted one would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from data import SIDE
from network import STRIDE
from teacher import DIM, GRID, boxes
from torch import Tensor

MEAN = (123.675, 116.28, 103.53)
STD = (58.395, 57.12, 57.375)


def normalise(pixels: Tensor) -> Tensor:
    """uint8 or float [N, 3, S, S] in 0..255 to float32, ImageNet's mean and deviation."""
    return (pixels.float() - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def cut(pixels: npt.NDArray[np.uint8], box: npt.NDArray[np.float64], size: int) -> Tensor:
    """Cut `box` (0..1) out of one photo [SIDE, SIDE, 3] and resize it, uint8 [1, 3, size, size]."""
    left, top, right, bottom = np.rint(box * SIDE).astype(int)
    part = torch.from_numpy(pixels[top:bottom, left:right].copy())
    chw = part.permute(2, 0, 1)[None]
    return F.interpolate(chw, (size, size), mode="bicubic", antialias=True, align_corners=False)


class Views:
    """The training photos with the cells of every view at hand."""

    def __init__(self, out: Path, pixels: npt.NDArray[np.uint8], seed: int) -> None:
        paths = sorted(out.glob("cells*.npy"))
        self.cells = [np.load(path, mmap_mode="r") for path in paths]
        self.boxes = [boxes(view, len(pixels)) for view in range(len(paths))]
        self.pixels = pixels
        self.seed = seed

    def order(self, epoch: int, members: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The order in which an epoch visits `members`."""
        return np.random.default_rng([self.seed, 1, epoch]).permutation(members)

    def whole(self, members: npt.NDArray[np.int64], size: int) -> tuple[Tensor, Tensor]:
        """Whole photos, unchanged, and their cells: [N, 3, size, size], [N, DIM, g, g]."""
        box = np.array([0.0, 0.0, 1.0, 1.0])
        images = torch.cat([cut(self.pixels[i], box, size) for i in members])
        maps = np.stack([self.cells[0][i] for i in members])
        return normalise(images), _sample(maps, np.tile(box, (len(members), 1)), size // STRIDE)

    def ahead(
        self, order: npt.NDArray[np.int64], step: int, size: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batch of every row of `order`, each drawn while the one before is used."""
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self.batch, order[0], step, size)
            for offset, members in enumerate(order[1:], 1):
                ready = coming.result()
                coming = pool.submit(self.batch, members, step + offset, size)
                yield ready
            yield coming.result()

    def batch(self, members: npt.NDArray[np.int64], step: int, size: int) -> tuple[Tensor, Tensor]:
        """Random crops, flips, colours and CutMix: images and their cells, as in `whole`."""
        rng = np.random.default_rng([self.seed, 2, step])
        n = len(members)
        view = rng.integers(len(self.cells), size=n)
        inner = _inner_boxes(rng, n)
        images, maps = [], []
        for i, v, box in zip(members, view, inner, strict=True):
            outer = self.boxes[v][i]
            span = np.tile(outer[2:] - outer[:2], 2)
            images.append(cut(self.pixels[i], np.tile(outer[:2], 2) + box * span, size))
            maps.append(self.cells[v][i])
        x = torch.cat(images)
        cells = _sample(np.stack(maps), inner, size // STRIDE)
        flip = torch.from_numpy(rng.random(n) < 0.5)[:, None, None, None]
        x, cells = torch.where(flip, x.flip(3), x), torch.where(flip, cells.flip(3), cells)
        x = normalise(_colours(x.float(), rng))
        if rng.random() < 0.3:
            _cutmix(x, cells, rng)
        return x.contiguous(memory_format=torch.channels_last), cells


def _inner_boxes(rng: np.random.Generator, n: int) -> npt.NDArray[np.float64]:
    """Parts of a view, [n, 4] in 0..1: 45 % of its area and up; one in four is all of it."""
    area = np.where(rng.random(n) < 0.25, 1.0, rng.uniform(0.45, 1, n))
    ratio = np.exp(rng.uniform(-0.2, 0.2, n)) ** (area < 1)
    size = np.minimum(np.sqrt(np.stack([area * ratio, area / ratio], 1)), 1)
    corner = rng.uniform(0, 1, (n, 2)) * (1 - size)
    return np.concatenate([corner, corner + size], 1)


def _sample(maps: npt.NDArray[np.float16], inner: npt.NDArray[np.float64], grid: int) -> Tensor:
    """Resample cells [n, GRID**2, DIM] over the boxes `inner` to [n, DIM, grid, grid]."""
    x = torch.from_numpy(maps).float().view(-1, GRID, GRID, DIM).permute(0, 3, 1, 2)
    low, high = torch.from_numpy(inner).float().split(2, 1)
    theta = torch.diag_embed(high - low)
    theta = torch.cat([theta, (low + high - 1)[:, :, None]], 2)
    points = F.affine_grid(theta, [len(x), DIM, 2 * grid, 2 * grid], align_corners=False)
    fine = F.grid_sample(x, points, padding_mode="border", align_corners=False)
    return F.avg_pool2d(fine, 2)


def _colours(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Scale brightness, contrast and saturation of float [n, 3, S, S] by up to 30 %."""
    bright, contrast, colour = (
        torch.from_numpy(rng.uniform(0.7, 1.3, (len(x), 1, 1, 1))).float() for _ in range(3)
    )
    x = x * bright
    x = torch.lerp(x.mean((1, 2, 3), keepdim=True), x, contrast)
    return torch.lerp(x.mean(1, keepdim=True), x, colour).clamp(0, 255)


def _cutmix(x: Tensor, cells: Tensor, rng: np.random.Generator) -> None:
    """Paste a rectangle of cells from the neighbour in the batch, pixels and targets alike."""
    grid = cells.shape[2]
    height, width = rng.integers(1, grid, 2)
    top, left = rng.integers(0, grid - height + 1), rng.integers(0, grid - width + 1)
    for t, k in ((x, STRIDE), (cells, 1)):
        region = (
            slice(None),
            slice(None),
            slice(top * k, (top + height) * k),
            slice(left * k, (left + width) * k),
        )
        t[region] = t.roll(1, 0)[region]
