"""Features of some photos out of a matrix of contents."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.features import rows_of

MATRIX = np.arange(6, dtype=np.float32).reshape(3, 2)
INDEX = np.array([2, -1, 0, 2])


def test_rows_in_their_order() -> None:
    assert rows_of(MATRIX, INDEX, np.array([3, 2])).tolist() == [[4, 5], [0, 1]]
    assert rows_of(MATRIX, INDEX, np.array([], np.int64)).shape == (0, 2)


def test_a_photo_that_was_not_extracted_is_never_another_one() -> None:
    with pytest.raises(IndexError, match="photo 1 was not extracted"):
        rows_of(MATRIX, INDEX, np.array([0, 1]))
