"""Maps in the photo's frame and in colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pawlens.explain import Explanation, Part
from pawlens.explain._colours import AGAINST, FOR, STRONGEST, blend


def explanation(*grids: Any, box: tuple[int, int, int, int] = (0, 0, 80, 60)) -> Explanation:
    parts = tuple(
        Part(f"b{i}", float(np.mean(g)), np.asarray(g, np.float32)) for i, g in enumerate(grids)
    )
    pixels = np.full((60, 80, 3), 128, np.uint8)
    total = sum(part.contribution for part in parts)
    return Explanation("cat", 0.9, "cat", "cam", pixels, box, parts, total)


def test_a_hot_cell_is_hot_in_its_place() -> None:
    grid = np.zeros((6, 8))
    grid[1, 6] = 5
    found = explanation(grid).map
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert 10 <= y < 20
    assert 60 <= x < 70


def test_grids_of_several_sizes_are_added() -> None:
    one = explanation(np.full((7, 7), 2.0), np.full((5, 5), -0.5))
    np.testing.assert_allclose(one.map, 1.5, rtol=1e-5)
    np.testing.assert_allclose(one.map_of(one.parts[1:]), -0.5, rtol=1e-5)
    assert one.shares == pytest.approx((0.8, 0.2))


def test_shares_of_nothing_are_even() -> None:
    assert explanation([[0.0]], [[0.0]]).shares == (0.5, 0.5)


def test_orange_for_and_blue_against_alike_strong() -> None:
    photo = np.full((1, 3, 3), 128, np.uint8)
    shown = blend(photo, np.array([[1.0, -1.0, 0.0]], np.float32), 1.0)
    for place, colour in ((0, FOR), (1, AGAINST)):
        np.testing.assert_allclose(
            shown[0, place], 128 + STRONGEST * (np.array(colour) - 128), atol=1
        )
    np.testing.assert_array_equal(shown[0, 2], 128)
    np.testing.assert_array_equal(blend(photo, np.zeros((1, 3), np.float32), 0.0), photo)


def test_overlays_of_parts_share_the_scale_of_the_whole() -> None:
    one = explanation(np.full((2, 2), 3.0), np.full((2, 2), 1.0))
    strong, weak = (np.abs(one.overlay(part).astype(int) - one.pixels).sum() for part in one.parts)
    assert strong > 2 * weak
    assert one.overlay().shape == one.pixels.shape


def test_a_smaller_picture_has_the_same_map_in_its_own_size() -> None:
    one = explanation(np.array([[0.0, 4.0]]), box=(40, 0, 80, 30))
    small = one.shrunk(40)
    assert small.pixels.shape == (30, 40, 3)
    assert small.box == (20, 0, 40, 15)
    assert small.overlay().shape == small.pixels.shape
    assert not small.map[:, :20].any()
    np.testing.assert_allclose(small.map[:15, 20:], one.map[:30:2, 40::2], atol=0.3)
    assert small.parts == one.parts
    assert one.shrunk(1000).pixels.shape == one.pixels.shape
