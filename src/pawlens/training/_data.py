"""What is trained on: photos with their labels and parts, as the phases see them."""

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
    """Photos that train or validate; those that are held out are not among them.

    Attributes
    ----------
    photos : Photos
        n of them.
    keys : sequence of str
        SHA-256 of each photo's bytes.
    labels : ndarray of int64, shape (n,), or of bool, shape (n, K)
        Class numbers, or which of several labels each photo has.
    train, valid : ndarray of int64
        Rows. Rates, stops and temperatures are chosen on the second.
    classes : sequence of str
    trimmed : container of int
        Rows whose plain border is cut off.
    """

    photos: Photos
    keys: Sequence[str]
    labels: Ints | Bools
    train: Ints
    valid: Ints
    classes: Sequence[str]
    trimmed: Container[int] = ()

    @cached_property
    def numbers(self) -> Ints:
        """A number for each photo that follows from its content alone."""
        return np.array([int(key[:15], 16) for key in self.keys], np.int64)


@dataclass(frozen=True)
class Place:
    """Where and how a training runs; nothing here decides its outcome but the precision.

    Attributes
    ----------
    backbones : sequence of Backbone
    folder : Path
        Checkpoints, pixels and activations, for as long as the run is unfinished.
    cache_dir : Path
        Of features.
    device : {"auto", "cpu", "cuda"}
    devices : int
        Processes, or GPUs, that share every batch.
    precision : {"auto", "f32", "bf16"}
    shared : Path, optional
        Of pixels, where several trainings have the same photos; else `folder`.
    """

    backbones: Sequence[Backbone]
    folder: Path
    cache_dir: Path
    device: Device = "auto"
    devices: int = 1
    precision: Precision = "auto"
    shared: Path | None = None
