"""Sizes are told upright; few photos are far from all others, and those are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.photos import Scan, Shapes
from pawlens.photos.scan._headers import Header
from pawlens.photos.scan._shapes import measure_shapes


def shapes_of(sizes: list[tuple[int, int]], orientation: int = 1) -> Shapes:
    scans = [Scan(str(i), width, height, "JPEG") for i, (width, height) in enumerate(sizes)]
    return measure_shapes(scans, [Header(s.sha256, 1, "RGB", orientation) for s in scans])


def test_a_photo_on_its_side_is_turned() -> None:
    lying = shapes_of([(300, 200)], orientation=6)
    assert (lying.width.tolist(), lying.height.tolist()) == ([200], [300])
    upside_down = shapes_of([(300, 200)], orientation=3)
    assert (upside_down.width.tolist(), upside_down.height.tolist()) == ([300], [200])


def test_unreadable_photos_have_no_shape() -> None:
    scans = [Scan("a", problem="the file is empty (0 bytes)"), Scan("b", 4, 3, "JPEG")]
    shapes = measure_shapes(scans, [Header("a"), Header("b", 1, "RGB")])
    assert shapes.row.tolist() == [1]
    assert measure_shapes(scans[:1], [Header("a")]).odd == []


def test_two_photos_beyond_a_limit_that_most_reach() -> None:
    """As in Dogs vs. Cats: at most 500 pixels, but for two, and a long tail of small ones."""
    rng = np.random.default_rng(0)
    long = np.minimum(rng.integers(250, 800, 500), 500)
    sizes = [(int(side), int(side * 0.75)) for side in long]
    sizes[77], sizes[300] = (1050, 702), (1023, 768)
    assert [(odd.row, odd.kind) for odd in shapes_of(sizes).odd] == [
        (77, "larger"),
        (300, "larger"),
    ]


@pytest.mark.parametrize(
    ("size", "kinds"),
    [((60, 60), ["smaller"]), ((600, 200), ["larger", "longer"]), ((250, 200), [])],
)
def test_one_photo_among_equal_ones(size: tuple[int, int], kinds: list[str]) -> None:
    odd = shapes_of([(200, 200)] * 40 + [size]).odd
    assert [(one.row, one.kind) for one in odd] == [(40, kind) for kind in kinds]


def test_nothing_is_odd_among_few() -> None:
    assert shapes_of([(200, 200)] * 10 + [(9000, 10)]).odd == []


def test_named_shapes() -> None:
    shapes = shapes_of([(500, 374), (499, 375), (375, 500), (200, 200), (1000, 400), (10, 1)])
    assert shapes.named == {"4:3": 2, "3:4": 1, "1:1": 1}
    assert shapes.within_two == 4


@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), max_size=300))
def test_at_most_one_in_a_hundred_is_odd(sizes: list[tuple[int, int]]) -> None:
    shapes = shapes_of(sizes)
    for kind in ("larger", "smaller", "longer"):
        assert sum(odd.kind == kind for odd in shapes.odd) <= max(3, len(sizes) // 100)
