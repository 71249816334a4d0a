"""A linear head on features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


__all__ = ["SMALLEST_NORM", "LinearHead", "unit_rows"]

SMALLEST_NORM = 1e-12


@dataclass(frozen=True)
class LinearHead:
    """A head whose logits are an affine function of raw (not standardised) features.

    Attributes
    ----------
    weights : ndarray of float32, shape (D, K)
    bias : ndarray of float32, shape (K,)
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    unit: ClassVar[bool] = True  # on the features of each backbone, scaled to unit length

    @property
    def layers(self) -> tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...]:
        """The single layer of the head, in the form of `DenseHead.layers`."""
        return ((self.weights, self.bias),)

    def logits(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Compute logits float64 (n, K) of features float32 (n, D)."""
        return (features @ self.weights + self.bias).astype(np.float64)


def unit_rows(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale the features float32 (n, D) of each photo to unit length, in place.

    How strongly a photo excites a backbone depends on its contrast and framing more than on its
    class; only the direction is kept. It lowers the log loss of single and of fused backbones.
    """
    features /= np.sqrt(np.maximum(np.sum(features**2, axis=1, keepdims=True), SMALLEST_NORM))
    return features
