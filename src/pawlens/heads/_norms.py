"""Batch norm of many networks at once (Ioffe and Szegedy 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._steps import Parameter

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

__all__ = ["Norm"]

_EPSILON, _FRESH = np.float32(1e-5), np.float32(0.1)


class Norm:
    """One batch norm in each of C networks, over H values.

    Attributes
    ----------
    scale, shift : Parameter
        float32 (C, 1, H).
    """

    def __init__(self, count: int, width: int) -> None:
        shape = (count, 1, width)
        self.scale = Parameter(np.ones(shape, np.float32))
        self.shift = Parameter(np.zeros(shape, np.float32))
        self._mean, self._variance = np.zeros(shape, np.float32), np.ones(shape, np.float32)

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Keep only some of the networks, bool (C,); the parameters are dropped by their owner."""
        self._mean, self._variance = self._mean[columns], self._variance[columns]

    def train(self, z: Floats, share: Floats) -> Floats:
        """Normalise float32 (C, B, H) by the moments of the batch.

        `share` float32 (C, B, 1) adds up to 1 over the rows of a network, and is 0 where a row does
        not belong to it.
        """
        mean = (z * share).sum(1, keepdims=True)
        variance = ((z - mean) ** 2 * share).sum(1, keepdims=True)
        self._mean += _FRESH * (mean - self._mean)
        self._variance += _FRESH * (variance - self._variance)
        self._share, self._inverse = share, 1 / np.sqrt(variance + _EPSILON)
        self._normal = (z - mean) * self._inverse
        return np.asarray(self.scale.value * self._normal + self.shift.value)

    def back(self, gradient: Floats) -> tuple[Floats, Floats, Floats]:
        """Backpropagate the last batch: gradients by the input, by the scale and by the shift."""
        by_scale = (gradient * self._normal).sum(1, keepdims=True)
        by_shift = gradient.sum(1, keepdims=True)
        inner = gradient - self._share * (by_shift + self._normal * by_scale)
        return self.scale.value * self._inverse * inner, by_scale, by_shift

    def plain(self, z: Floats, networks: slice) -> Floats:
        """Normalise (T, n, H) by the running moments of some of the networks."""
        scale, shift = self._affine(networks)
        return z * scale + shift

    def affine(self, network: int) -> tuple[Floats, Floats]:
        """Return scale and shift (H,) of one network, by its running moments."""
        scale, shift = self._affine(slice(network, network + 1))
        return scale[0, 0], shift[0, 0]

    def _affine(self, networks: slice) -> tuple[Floats, Floats]:
        scale = self.scale.value[networks] / np.sqrt(self._variance[networks] + _EPSILON)
        return scale, self.shift.value[networks] - self._mean[networks] * scale
