"""Sources of batches: pixels, augmented or as they are, or activations kept at a cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import Tensor

from ..recipes import Augment
from ._augment import augment
from ._pixels import ArrayStore

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["CachedSource", "PixelSource", "Source"]


class Source(Protocol):
    """A source of the inputs of a model, one tensor for each body."""

    def varied(self, rows: Ints, epoch: int) -> list[Tensor]:
        """Return augmented inputs of the rows, as an epoch of training sees them."""
        ...

    def plain(self, rows: Ints) -> list[Tensor]:
        """Return inputs of the rows without augmentation, for validation and prediction."""
        ...


@dataclass(frozen=True)
class PixelSource:
    """A source of photos from stores of pixels.

    Attributes
    ----------
    plain_stores, roomy_stores : sequence of ArrayStore
        Stores for each body, uint8 (n, S, S, 3), at its input size, and at a size with room for
        crops.
    sizes : sequence of int
        Input size of each body in this phase.
    photo : ndarray of int64, shape (n,)
        A number for each photo that depends on its content alone.
    values : Augment
    seed : int
    """

    plain_stores: Sequence[ArrayStore]
    roomy_stores: Sequence[ArrayStore]
    sizes: Sequence[int]
    photo: Ints
    values: Augment
    seed: int

    def varied(self, rows: Ints, epoch: int) -> list[Tensor]:
        """Return augmented pixels float32 (N, 3, S, S); the batch has no influence on a photo."""
        if self.values == Augment():
            return self.plain(rows)
        return [
            augment(
                _pixels(store, rows),
                self.photo[rows].tolist(),
                epoch=epoch,
                seed=self.seed,
                values=self.values,
                size=size,
            )
            for store, size in zip(self.roomy_stores, self.sizes, strict=True)
        ]

    def plain(self, rows: Ints) -> list[Tensor]:
        """Return pixels uint8 (N, 3, S, S)."""
        return [_pixels(store, rows) for store in self.plain_stores]


@dataclass(frozen=True)
class CachedSource:
    """A source of activations that were kept at a cut.

    Attributes
    ----------
    stores : sequence of ArrayStore
        ArrayStore for each body, float16 or float32 (n, ...).
    """

    stores: Sequence[ArrayStore]

    def varied(self, rows: Ints, epoch: int) -> list[Tensor]:
        """Return the same as `plain`: kept activations cannot be augmented."""
        return self.plain(rows)

    def plain(self, rows: Ints) -> list[Tensor]:
        """Return the activations (N, ...) as they are kept."""
        return [torch.from_numpy(np.asarray(store.array[rows])) for store in self.stores]


def _pixels(store: ArrayStore, rows: Ints) -> Tensor:
    return torch.from_numpy(np.asarray(store.array[rows])).permute(0, 3, 1, 2)
