"""Photos that may lie on a side: the answers to every quarter turn are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["QUARTERS", "join_turns"]

QUARTERS = 4
_UPRIGHT = 9.0  # prior odds of an upright photo against one turned by a given quarter
_SURE = 1e-6  # closer to certainty, one turn would outweigh all others


def join_turns(proba: npt.NDArray[np.floating]) -> Floats:
    """Join the probabilities of a photo's turns: a mean in which certainty and upright count more.

    A network is surest of the turn that it knows, so a turn weighs as much as the odds of its
    best class; as photos stand far more often than they lie, the first one weighs nine times that.

    Parameters
    ----------
    proba : ndarray, shape (T, n, K)

    Returns
    -------
    ndarray of float64, shape (n, K)
    """
    each = np.asarray(proba, np.float64)
    if len(each) == 1:
        return np.asarray(each[0])
    best = np.clip(each.max(axis=2, keepdims=True), _SURE, 1 - _SURE)
    weights = best / (1 - best)
    weights[0] *= _UPRIGHT
    return np.asarray((weights * each).sum(axis=0) / weights.sum(axis=0))
