"""Training data and the environment of a training, as the phases see them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, Device, Precision
from ..photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["Data", "Place"]


@dataclass(frozen=True)
class Data:
    """The photos that train or validate; held-out photos are not among them.

    Attributes
    ----------
    photos : Photos
        Table of n photos.
    keys : sequence of str
        SHA-256 of each photo's bytes.
    labels : ndarray of int64, shape (n,), or of bool, shape (n, K)
        Class numbers, or which of several labels each photo has.
    train, valid : ndarray of int64
        Row numbers. Rates, early stops and temperatures are chosen on the validating photos.
    classes : sequence of str
    groups : ndarray of int64, shape (n,), optional
        Photos that belong together share a number; without it only equal contents do.
    trimmed : container of int
        Rows whose plain border is cut off.
    """

    photos: Photos
    keys: Sequence[str]
    labels: Ints | Bools
    train: Ints
    valid: Ints
    classes: Sequence[str]
    groups: Ints | None = None
    trimmed: Container[int] = ()

    @cached_property
    def numbers(self) -> Ints:
        """A number for each photo that depends on its content alone, int64 (n,)."""
        return np.array([int(key[:15], 16) for key in self.keys], np.int64)


@dataclass(frozen=True)
class Place:
    """The environment of a training; only its precision has an influence on the outcome.

    Attributes
    ----------
    backbones : sequence of Backbone
    folder : Path
        Folder of checkpoints, pixels and activations, for as long as the run is unfinished.
    cache_dir : Path
        Folder of the feature cache.
    device : {"auto", "cpu", "cuda"}
    devices : int
        Number of processes, or GPUs, that share every batch.
    precision : {"auto", "f32", "bf16"}
    shared : Path, optional
        Folder of pixels, where several trainings have the same photos; else `folder`.
    """

    backbones: Sequence[Backbone]
    folder: Path
    cache_dir: Path
    device: Device = "auto"
    devices: int = 1
    precision: Precision = "auto"
    shared: Path | None = None
