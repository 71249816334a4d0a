"""Activations at a cut of a network, computed once: pooled features, or those before a block."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..backbones import open_engine
from ..base import Progress, draft_of, is_intact, seal_file, tell
from ..errors import PhotosError
from ..features import WholePhotos, extract_features, rows_of
from ._data import Data, Place
from ._network import FusionNetwork
from ._pixels import ArrayStore

__all__ = ["activations", "pooled_features"]

_BATCH = 64


def pooled_features(data: Data, place: Place, progress: Progress | None = None) -> list[ArrayStore]:
    """Extract the features of every unchanged backbone, by the inference engine and its cache.

    Returns
    -------
    list of ArrayStore
        float32 (n, D) for each backbone, in the order of the photos.
    """
    stores = []
    for number, backbone in enumerate(place.backbones):
        path = place.folder / f"features-{number}.npy"
        if not is_intact(path):
            engine = open_engine(backbone, precision=place.precision, device=place.device)
            found = extract_features(
                WholePhotos(data.photos, data.keys, trimmed=data.trimmed),
                backbone,
                engine,
                cache_dir=place.cache_dir,
                progress=progress,
            )
            if (found.index < 0).any():
                lost = data.photos.paths[int(np.flatnonzero(found.index < 0)[0])]
                raise PhotosError(f"{lost}: changed or vanished during the run; start it again")
            _write(path, rows_of(found.matrix, found.index, np.arange(len(found.index))))
        stores.append(ArrayStore(path))
    return stores


@torch.no_grad()
def activations(
    network: FusionNetwork,
    fronts: Sequence[nn.Module],
    pixels: Sequence[ArrayStore],
    base: Path,
    device: str,
    progress: Progress | None = None,
) -> list[ArrayStore]:
    """Run the front part of each body over all photos and keep its output, in float16.

    The files are named `base` with the body's number.

    Returns
    -------
    list of ArrayStore
        float16 (n, ...) for each body, in the order of the photos.
    """
    stores = []
    network.to(device).eval()
    for number, (front, store) in enumerate(zip(fronts, pixels, strict=True)):
        path = base.with_name(f"{base.name}-{number}.npy")
        if not is_intact(path):
            _fill(network, number, front.eval(), store, path, device, progress)
        stores.append(ArrayStore(path))
    return stores


def _fill(
    network: FusionNetwork,
    number: int,
    front: nn.Module,
    store: ArrayStore,
    path: Path,
    device: str,
    progress: Progress | None,
) -> None:
    array = None
    count = len(store.array)
    with draft_of(path, alone=True) as draft:
        for start in range(0, count, _BATCH):
            part = torch.from_numpy(np.array(store.array[start : start + _BATCH]))
            x = network.normalised(number, part.permute(0, 3, 1, 2).to(device))
            found = front(x).half().cpu().numpy()
            if array is None:
                shape = (count, *found.shape[1:])
                array = np.lib.format.open_memmap(draft, mode="w+", dtype=np.float16, shape=shape)
            array[start : start + len(found)] = found
            tell(
                progress, f"activations of {network.specs[number].name}", start + len(found), count
            )
        if array is not None:
            array.flush()
        del array  # Windows renames no file that is mapped
        seal_file(draft)


def _write(path: Path, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> None:
    with draft_of(path, alone=True) as draft:
        with draft.open("wb") as file:
            np.save(file, values)
        seal_file(draft)
