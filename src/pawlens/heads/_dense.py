"""A head of several linear layers, as a trained network ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Layer = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

__all__ = ["DenseHead"]


@dataclass(frozen=True)
class DenseHead:
    """Logits of raw features through linear layers with ReLU between them.

    Attributes
    ----------
    layers : tuple of (weights, bias)
        float32 (D, H) and (H,), first to last; the last layer ends in the K classes.
    unit : bool
        Whether the features of each backbone are scaled to unit length first.
    """

    layers: tuple[Layer, ...]
    unit: bool

    def logits(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Compute logits float64 (n, K) of features float32 (n, D), scaled before if `unit`."""
        x = features
        for number, (weights, bias) in enumerate(self.layers):
            x = np.maximum(x, 0) if number else x
            x = x @ weights + bias
        return x.astype(np.float64)
