"""Features made compact for a reference that is kept: shared directions, no photo."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]

__all__ = ["project"]

_WIDTH = 256  # the most numbers that are kept of a photo


def project(features: Singles, widths: Sequence[int]) -> Singles:
    """Scale each backbone's features to unit length, and project them onto random directions.

    Distances are nearly kept (Johnson and Lindenstrauss 1984; signs as by Achlioptas 2003). The
    directions depend on nothing but the number of features, so that photos of any time are
    projected alike, and none of the photos had a part in choosing them.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Pooled features of several backbones side by side.
    widths : sequence of int
        The number of features of each backbone, with the sum D.

    Returns
    -------
    ndarray of float32, shape (n, min(D, 256))
        Where there are no more than 256 features, they are only scaled.

    Examples
    --------
    >>> import numpy as np
    >>> features = np.random.default_rng(0).normal(size=(5, 700)).astype(np.float32)
    >>> near = project(features, [512, 188])
    >>> near.shape, bool(np.allclose(near, project(2 * features, [512, 188]), atol=1e-5))
    ((5, 256), True)
    """
    parts = np.split(np.asarray(features, np.float32), np.cumsum(widths)[:-1], axis=1)
    unit = np.hstack([_unit(part) for part in parts])
    if unit.shape[1] <= _WIDTH:
        return unit
    return unit @ _directions(unit.shape[1])


def _unit(part: Singles) -> Singles:
    length = np.linalg.norm(part, axis=1, keepdims=True)
    return np.asarray(part / np.maximum(length, 1e-12), np.float32)


def _directions(width: int) -> Singles:
    """Signs that are the same in every version of every library, float32 (width, 256)."""
    drawn = hashlib.shake_256(b"pawlens reference 1").digest(width * _WIDTH // 8)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(width, _WIDTH)
    return (bits.astype(np.float32) * 2 - 1) / np.float32(np.sqrt(_WIDTH))
