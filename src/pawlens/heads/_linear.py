"""A linear head on features: what every graph ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating]

__all__ = ["LinearHead"]


@dataclass(frozen=True)
class LinearHead:
    """Logits as an affine function of raw (not standardised) features.

    Attributes
    ----------
    weights : ndarray of float32, shape (D, K)
    bias : ndarray of float32, shape (K,)
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def logits(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Logits float64 [n, K] of features float32 [n, D]."""
        return (features @ self.weights + self.bias).astype(np.float64)
