from __future__ import annotations

import numpy as np
import pytest

from pawlens.features import _neighbours as module
from pawlens.features._neighbours import nearest
from pawlens.heads import unit_rows


def test_neighbours_equal_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    values = unit_rows(np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32))
    monkeypatch.setattr(module, "_BLOCK_CELLS", 350)  # seven rows a block
    found = nearest(values, 5)
    near = values @ values.T
    np.fill_diagonal(near, -2)
    expected = np.argsort(-near, axis=1)[:, :5]
    assert (found.row == expected).all()
    assert found.similarity == pytest.approx(np.take_along_axis(near, expected, 1), abs=1e-5)


def test_few_vectors_have_few_neighbours() -> None:
    assert nearest(np.eye(3, dtype=np.float32), 32).row.shape == (3, 2)
    assert nearest(np.ones((1, 4), np.float32), 32).row.shape == (1, 0)
    assert nearest(np.empty((0, 4), np.float32), 32).row.shape[0] == 0
