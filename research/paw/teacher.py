"""What the teacher sees: feature maps of fixed views of every training photo.

The teacher (tf_efficientnet_b4, in OpenVINO) looks at the whole photo and at a few random
crops of it. Its last feature map is kept cell by cell, projected on the principal components of
its pooled features, so that the target of any part of a view is a mean over cells: one pass of
the teacher serves every crop that the student is shown later (Yun et al. 2021, "Re-labeling
ImageNet", do this with label maps). Only photos with role "train" are read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
import timm
import torch
from data import SIDE, Photo, load
from PIL import Image
from ring import cpu_hints, ring
from safetensors.torch import load_file
from threadpoolctl import threadpool_limits

NAME = "tf_efficientnet_b4"
SIZE = 256  # pixels at the teacher's input; the map is SIZE / 32 cells wide
GRID = SIZE // 32
DIM = 384  # principal components kept
BATCH = 8
MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
STD = np.array([0.229, 0.224, 0.225], np.float32) * 255

Floats = npt.NDArray[np.float32]


class _Map(torch.nn.Module):
    """A timm model that ends at its last feature map."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model.forward_features(x)  # type: ignore[no-any-return, operator]


def compile_teacher(shared: Path) -> Any:
    """Return the teacher as an OpenVINO model: float32 [8, 3, 256, 256] -> [8, C, 8, 8]."""
    model = timm.create_model(NAME, num_classes=0)
    weights = load_file(shared / "weights" / f"{NAME}.tf_in1k.safetensors")
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    example = torch.zeros(BATCH, 3, SIZE, SIZE)
    graph = ov.convert_model(_Map(model.eval()), example_input=example, input=[*example.shape])
    return ov.Core().compile_model(graph, "CPU", cpu_hints())


def boxes(view: int, n: int) -> npt.NDArray[np.float64]:
    """Crops of a view, [n, 4] as left, top, right, bottom in 0..1: view 0 is the whole photo."""
    if view == 0:
        return np.tile([0.0, 0.0, 1.0, 1.0], (n, 1))
    rng = np.random.default_rng(view)
    area = rng.uniform(0.2, 0.8, n)
    ratio = np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3), n))
    size = np.minimum(np.sqrt(np.stack([area * ratio, area / ratio], 1)), 1)
    corner = rng.uniform(0, 1, (n, 2)) * (1 - size)
    return np.concatenate([corner, corner + size], 1)


def _batches(pixels: npt.NDArray[np.uint8], crops: npt.NDArray[np.float64]) -> Iterator[Floats]:
    """Yield normalised batches [BATCH, 3, SIZE, SIZE]; the last is filled up with zeros."""
    for start in range(0, len(pixels), BATCH):
        batch = np.zeros((BATCH, SIZE, SIZE, 3), np.float32)
        for i, box in enumerate(crops[start : start + BATCH] * SIDE):
            image = Image.fromarray(pixels[start + i])
            square = image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, tuple(box))
            batch[i] = (np.asarray(square, np.float32) - MEAN) / STD
        yield np.ascontiguousarray(batch.transpose(0, 3, 1, 2))


def _run(
    compiled: Any,
    pixels: npt.NDArray[np.uint8],
    crops: npt.NDArray[np.float64],
    take: Callable[[int, Floats], None],
) -> None:
    """Run every photo; `take` gets a batch's first row and its cells, [BATCH, GRID**2, C]."""
    for start, maps in ring(compiled, _batches(pixels, crops)):
        take(start * BATCH, maps.reshape(BATCH, maps.shape[1], -1).transpose(0, 2, 1))


def _fit_projection(compiled: Any, pixels: npt.NDArray[np.uint8], path: Path) -> None:
    """Fit standardisation and principal components on pooled features of 2,400 photos."""
    pooled = np.zeros((len(pixels) + BATCH, compiled.output(0).shape[1]), np.float32)

    def take(start: int, cells: Floats) -> None:
        pooled[start : start + BATCH] = cells.mean(1)

    _run(compiled, pixels, boxes(0, len(pixels)), take)
    pooled = pooled[: len(pixels)]
    mean, std = pooled.mean(0), pooled.std(0) + 1e-6
    _, values, axes = np.linalg.svd((pooled - mean) / std, full_matrices=False)
    weight = (axes[:DIM] / std).astype(np.float32)
    squares = np.square(values)
    kept = squares[:DIM].sum() / squares.sum()
    np.savez(path, weight=weight, bias=-(weight @ mean), kept=kept)


def targets(shared: Path, out: Path, views: int) -> None:
    """Write ``cells{view}.npy``, float16 [n, GRID**2, DIM], for every view not yet there."""
    photos, pixels = load(out)
    seen = pixels[[photo.role == "train" for photo in photos]]
    compiled: Any = None
    for view in range(views):
        path = out / f"cells{view}.npy"
        if path.exists():
            continue
        compiled = compiled or compile_teacher(shared)
        start_time = time.perf_counter()
        if not (out / "projection.npz").exists():
            _fit_projection(compiled, seen[:: len(seen) // 2400], out / "projection.npz")
        projection = np.load(out / "projection.npz")
        weight, bias = projection["weight"], projection["bias"]
        part = path.with_suffix(".part")
        cells = np.lib.format.open_memmap(part, "w+", np.float16, (len(seen), GRID * GRID, DIM))

        def take(start: int, found: Floats) -> None:
            room = cells[start : start + BATCH]  # noqa: B023 - used before the next view begins
            room[:] = (found @ weight.T + bias)[: len(room)]  # noqa: B023

        with threadpool_limits(1, "blas"):  # its threads spin while OpenVINO's work
            _run(compiled, seen, boxes(view, len(seen)), take)
        cells.flush()
        part.rename(path)
        row = {"view": view, "photos": len(seen), "seconds": time.perf_counter() - start_time}
        with (out / "teacher.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def training_photos(photos: list[Photo]) -> list[Photo]:
    """The photos whose targets are kept, in the order of the target files."""
    return [photo for photo in photos if photo.role == "train"]
