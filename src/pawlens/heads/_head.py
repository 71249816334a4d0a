"""A head on features, linear or of several layers: what every graph ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import BLOCK_ROWS

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Layer = tuple[Floats32, Floats32]

__all__ = ["SMALLEST_NORM", "Head", "unit_rows"]

SMALLEST_NORM = 1e-12


@dataclass(frozen=True)
class Head:
    """Logits of raw (not standardised) features through linear layers with ReLU between them.

    Attributes
    ----------
    layers : tuple of (weights, bias)
        float32 (D, H) and (H,), first to last; the last one ends in the K classes.
    unit : bool
        Whether the features of each backbone are scaled to unit length first.
    """

    layers: tuple[Layer, ...]
    unit: bool

    @classmethod
    def linear(cls, weights: Floats32, bias: Floats32) -> Head:
        """A head of one layer, float32 (D, K) and (K,), on features of unit length."""
        return cls(((weights, bias),), unit=True)

    @property
    def weights(self) -> Floats32:
        """Weights of the last layer, float32 (H, K); of a linear head all of them."""
        return self.layers[-1][0]

    @property
    def bias(self) -> Floats32:
        """Bias of the last layer, float32 (K,)."""
        return self.layers[-1][1]

    def logits(self, features: Floats32) -> npt.NDArray[np.float64]:
        """Logits float64 (n, K) of features float32 (n, D), already scaled where `unit` is set."""
        x = features
        for number, (weights, bias) in enumerate(self.layers):
            x = np.maximum(x, 0) if number else x
            x = x @ weights + bias
        return x.astype(np.float64)


def unit_rows(features: Floats32) -> Floats32:
    """Scale the features float32 (n, D) of each photo to unit length, in place.

    How strongly a photo excites a backbone depends on its contrast and framing more than on its
    class; only the direction is kept. It lowers the log loss of single and of fused backbones.
    """
    for start in range(0, len(features), BLOCK_ROWS):
        rows = features[start : start + BLOCK_ROWS]
        rows /= np.sqrt(np.maximum(np.sum(rows**2, axis=1, keepdims=True), SMALLEST_NORM))
    return features
