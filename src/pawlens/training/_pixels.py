"""A store of photos that are decoded once, at one size, and read in many epochs."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import BackboneSpec
from ..base import Progress, draft_of, is_intact, make_folder, seal_file, tell
from ..errors import PhotosError
from ..features import WholePhotos, picture_batches
from ..photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ArrayStore", "store_pixels"]

_BATCH = 32


@dataclass(frozen=True)
class ArrayStore:
    """An array on disk with one entry a photo, opened where it is read, so that processes share it.

    Attributes
    ----------
    path : Path
        A ``.npy`` file.
    """

    path: Path

    @cached_property
    def array(self) -> npt.NDArray[np.generic]:
        """The whole array, memory-mapped and read-only."""
        mapped: npt.NDArray[np.generic] = np.load(self.path, mmap_mode="r", allow_pickle=False)
        return mapped

    def __getstate__(self) -> dict[str, Path]:
        return {"path": self.path}


def store_pixels(
    photos: Photos,
    spec: BackboneSpec,
    folder: Path,
    *,
    trimmed: Container[int] = (),
    progress: Progress | None = None,
) -> ArrayStore:
    """Decode and resize photos into ``folder``; what is there already is used again.

    Parameters
    ----------
    photos : Photos
        All of them are stored, in order.
    spec : BackboneSpec
        Spec with the input size S and the interpolation of the store.
    folder : Path
        A folder for these photos alone.
    trimmed : container of int
        Rows whose plain border is cut off.
    progress : callable, optional

    Returns
    -------
    ArrayStore
        Pixels uint8 (n, S, S, 3).

    Raises
    ------
    PhotosError
        A photo can no longer be read.
    """
    side = spec.input_size
    path = folder / f"pixels-{side}-{spec.interpolation}.npy"
    if is_intact(path):
        return ArrayStore(path)
    make_folder(folder)
    with draft_of(path, alone=True) as draft:
        shape = (len(photos), side, side, 3)
        array = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
        found = np.zeros(len(photos), bool)
        pictures = WholePhotos(photos, trimmed=trimmed)
        batches = picture_batches(pictures, range(len(photos)), [spec], _BATCH)
        for rows, (pixels,) in batches:
            array[rows] = pixels
            found[rows] = True
            tell(progress, f"photos at {side} pixels", int(found.sum()), len(photos))
        if not found.all():
            lost = photos.paths[int(np.flatnonzero(~found)[0])]
            raise PhotosError(f"{lost}: changed or vanished during the run; start it again")
        array.flush()
        del array  # Windows renames no file that is mapped
        seal_file(draft)
    return ArrayStore(path)
