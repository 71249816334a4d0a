"""Photos that are far from all of a reference, by the distances that are usual in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Singles = npt.NDArray[np.float32]

__all__ = ["Unlike", "find_unlike"]

_USUAL = 0.99  # share of the reference that counts as usual
_NEAREST = 5


@dataclass(frozen=True)
class Unlike:
    """How far new photos are from a reference.

    Attributes
    ----------
    distance : ndarray of float64, shape (n,)
        Distance to the fifth nearest photo of the reference, as a multiple of the one that 99 of
        100 photos of the reference do not exceed.
    found : ndarray of bool, shape (n,)
        Whether it is exceeded.
    p : float
        P value of more such photos among the new ones than in the reference (Fisher's exact test).
    close : float
        The distance, not as a multiple, under which two photos are nearer than nearly all of the
        reference are to their nearest neighbour.
    """

    distance: Floats
    found: Bools
    p: float
    close: float


def find_unlike(reference: Singles, new: Singles) -> Unlike:
    """Find new photos that lie where the reference has none.

    Parameters
    ----------
    reference : ndarray of float32, shape (m, D)
    new : ndarray of float32, shape (n, D)

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> old = rng.normal(size=(300, 4)).astype(np.float32)
    >>> found = find_unlike(old, np.array([[0, 0, 0, 0], [9, 9, 9, 9]], np.float32))
    >>> found.found.tolist()
    [False, True]
    """
    from scipy.stats import hypergeom

    own = np.sort(_distances(reference, reference), axis=1)[:, 1:]  # the first is the photo itself
    nearest = min(_NEAREST, own.shape[1])
    usual = own[:, nearest - 1]
    limit = max(float(np.quantile(usual, _USUAL)), 1e-12)
    far = np.sort(_distances(new, reference), axis=1)[:, nearest - 1]
    found = far > limit
    beyond, before = int(found.sum()), int((usual > limit).sum())
    total = len(new) + len(reference)
    p = float(hypergeom.sf(beyond - 1, total, beyond + before, len(new)))
    return Unlike(far / limit, found, p, float(np.quantile(own[:, 0], 1 - _USUAL)))


def _distances(these: Singles, those: Singles) -> Floats:
    """Compute the distances of all pairs, float64 (n, m)."""
    a, b = these.astype(np.float64), those.astype(np.float64)
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)))
