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
        float32 [C, 1, H].
    """

    def __init__(self, count: int, width: int) -> None:
        shape = (count, 1, width)
        self.scale = Parameter(np.ones(shape, np.float32))
        self.shift = Parameter(np.zeros(shape, np.float32))
        self._mean, self._variance = np.zeros(shape, np.float32), np.ones(shape, np.float32)

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Go on with some of the networks, bool [C]; the parameters are dropped by their owner."""
        self._mean, self._variance = self._mean[columns], self._variance[columns]

    def train(self, z: Floats, share: Floats) -> Floats:
        """Normalise float32 [C, B, H] by the batch's own moments.

        `share` float32 [C, B, 1] adds up to 1 over the rows of a network, and is 0 where a row is
        none of its own.
        """
        mean = (z * share).sum(1, keepdims=True)
        variance = ((z - mean) ** 2 * share).sum(1, keepdims=True)
        self._mean += _FRESH * (mean - self._mean)
        self._variance += _FRESH * (variance - self._variance)
        self._share, self._inverse = share, 1 / np.sqrt(variance + _EPSILON)
        self._normal = (z - mean) * self._inverse
        return np.asarray(self.scale.value * self._normal + self.shift.value)

    def back(self, slope: Floats) -> tuple[Floats, Floats, Floats]:
        """Slopes by what went in, by the scale and by the shift, of the last batch."""
        by_scale = (slope * self._normal).sum(1, keepdims=True)
        by_shift = slope.sum(1, keepdims=True)
        inner = slope - self._share * (by_shift + self._normal * by_scale)
        return self.scale.value * self._inverse * inner, by_scale, by_shift

    def plain(self, z: Floats, own: slice) -> Floats:
        """Normalise [T, n, H] by running moments of some of the networks."""
        scale, shift = self._affine(own)
        return z * scale + shift

    def affine(self, own: int) -> tuple[Floats, Floats]:
        """Scale and shift [H] of one network, by its running moments."""
        scale, shift = self._affine(slice(own, own + 1))
        return scale[0, 0], shift[0, 0]

    def _affine(self, own: slice) -> tuple[Floats, Floats]:
        scale = self.scale.value[own] / np.sqrt(self._variance[own] + _EPSILON)
        return scale, self.shift.value[own] - self._mean[own] * scale
