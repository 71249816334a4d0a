"""Room for large matrices: in memory, or on disk where they would take too much of it."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from ..errors import RunError
from ._files import make_folder, user_cache

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["BLOCK_ROWS", "matrix_room"]

BLOCK_ROWS = 4096
"""Rows of a matrix that are worked on at once, so that what is made of them stays small."""

_MOST_IN_MEMORY = 1 << 30


def matrix_room(rows: int, columns: int) -> npt.NDArray[np.float32]:
    """Return a new float32 matrix, whose values are not set.

    One of more than a gigabyte lies in a file without a name in the cache folder and is mapped into
    memory: the system keeps of it what fits beside the rest, and the file is gone with the process.

    Raises
    ------
    RunError
        There is not enough space on disk.
    """
    import numpy as np

    size = 4 * rows * columns
    if size <= _MOST_IN_MEMORY or not size:
        return np.empty((rows, columns), np.float32)
    folder = user_cache()
    make_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):  # a mapped file that finds no space ends the process
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            return np.memmap(file, np.float32, "r+", shape=(rows, columns))
    except OSError as error:
        raise RunError(
            f"{folder}: {size / 1e9:.1f} GB for features cannot be had ({error.strerror}); free "
            "space, or choose another folder with $PAWLENS_CACHE"
        ) from error
