"""How many parts a cluster is given, which needs no cluster."""

from __future__ import annotations

import pytest

from pawlens.workflows.parts import _cluster


@pytest.mark.parametrize(
    ("photos", "parts"), [(0, 1), (512, 1), (513, 2), (20_000, 40), (100_000, 64), (1_000_000, 245)]
)
def test_parts_are_many_enough_to_end_together(photos: int, parts: int) -> None:
    assert _cluster._number_of_parts(photos) == parts
