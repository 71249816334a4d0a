"""The sample that tells what is promising, and whether int8 loses anything on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ....metrics import Interval

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["draw_sample", "loses_by_int8"]

_PHOTOS = 600
_LOSES = 0.05  # share of the log loss from which on something is lost, whatever the interval


def draw_sample(rows: Ints, label: Ints, seed: int) -> Ints:
    """Draw about 600 rows, of each class its share but two at least; all where there are few.

    Parameters
    ----------
    rows : ndarray of int64, shape (n,)
        The rows that train.
    label : ndarray of int64
        The class of each row of the table.
    seed : int

    Returns
    -------
    ndarray of int64
        In ascending order.
    """
    if len(rows) <= 1.5 * _PHOTOS:
        return rows
    order = np.random.default_rng(seed).permutation(rows)
    share = _PHOTOS / len(rows)
    parts = [
        mine[: max(2, round(share * len(mine)))]
        for mine in (order[label[order] == one] for one in np.unique(label[rows]))
    ]
    return np.sort(np.concatenate(parts))


def loses_by_int8(gap: Interval, floats: float) -> bool:
    """Whether something measurable is lost in eight-bit integers.

    Parameters
    ----------
    gap : Interval
        Out-of-fold log loss in int8 less that in floats, paired.
    floats : float
        The log loss in floats.

    Examples
    --------
    >>> loses_by_int8(Interval(0.001, -0.002, 0.004), floats=0.1)
    False
    >>> loses_by_int8(Interval(0.001, 0.0005, 0.002), floats=0.1)  # surely higher
    True
    >>> loses_by_int8(Interval(0.01, -0.002, 0.03), floats=0.1)  # too much to leave it to luck
    True
    """
    return gap.low > 0 or gap.value > _LOSES * floats
