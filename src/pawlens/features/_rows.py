"""Features by photo, from a matrix with one row for each distinct content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import BLOCK_ROWS, matrix_room

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["rows_of"]


def rows_of(matrix: npt.NDArray[np.float32], index: Ints, photos: Ints) -> npt.NDArray[np.float32]:
    """Return the features of photos, float32 (m, D), in their order; not to be written to.

    Parameters
    ----------
    matrix : ndarray of float32, shape (k, D)
    index : ndarray of int64, shape (n,)
        The row in `matrix` of each photo; -1 where it was not extracted.
    photos : ndarray of int64, shape (m,)

    Raises
    ------
    IndexError
        A photo was not extracted. Its -1 would give the features of another one.
    """
    rows = index[photos]
    if (rows < 0).any():
        lost = np.asarray(photos)[rows < 0]
        raise IndexError(f"photo {lost.flat[0]} was not extracted; it has no features")
    if len(rows) == len(matrix) and np.array_equal(rows, np.arange(len(rows))):
        return matrix
    found = matrix_room(len(rows), matrix.shape[1])
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        found[block] = matrix[rows[block]]
    return found
