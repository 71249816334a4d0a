"""The photos whose labels would tell most, none of them like another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]

__all__ = ["label_next"]


def label_next(
    doubt: Floats, features: Singles, distance: Floats, *, count: int, close: float
) -> Ints:
    """Choose photos to label next: by turns the most doubtful, and the most unlike the reference.

    Doubtful ones move the border between classes (uncertainty sampling, Lewis and Gale 1994);
    unlike ones show what the model has never seen. One that lies closer to a chosen photo than
    `close` would tell the same again and is skipped.

    Parameters
    ----------
    doubt : ndarray of float64, shape (n,)
        1 less the largest probability.
    features : ndarray of float32, shape (n, D)
    distance : ndarray of float64, shape (n,)
        From `find_unlike`.
    count : int
        Most photos to choose.
    close : float

    Returns
    -------
    ndarray of int64
        Rows, the most telling first.

    Examples
    --------
    >>> import numpy as np
    >>> features = np.array([[0.0], [0.01], [1.0], [2.0]], np.float32)
    >>> doubt, distance = np.array([0.5, 0.49, 0.1, 0.2]), np.array([0.2, 0.2, 0.9, 0.3])
    >>> label_next(doubt, features, distance, count=3, close=0.1).tolist()
    [0, 2, 3]
    """
    orders = [np.argsort(-doubt, kind="stable"), np.argsort(-distance, kind="stable")]
    queues = [order.tolist() for order in orders]
    chosen: list[int] = []
    turn = 0
    while len(chosen) < count and any(queues):
        queue = queues[turn % 2]
        turn += 1
        while queue:
            row = queue.pop(0)
            apart = np.linalg.norm(features[chosen] - features[row], axis=1)
            if row not in chosen and not (apart < close).any():
                chosen.append(row)
                break
    return np.array(chosen, np.int64)
