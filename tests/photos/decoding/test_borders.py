from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pawlens.photos import find_border, trim


def picture(width: int, height: int, seed: int = 0) -> Any:
    """Colourful noise: no row of it is plain."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def framed(inner: Any, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> Any:
    """The picture with so many pixels of border to the left, top, right and bottom."""
    left, top, right, bottom = box
    height, width = inner.shape[:2]
    canvas = np.full((top + height + bottom, left + width + right, 3), colour, np.uint8)
    canvas[top : top + height, left : left + width] = inner
    return canvas


@given(
    st.tuples(*[st.just(0) | st.integers(15, 60)] * 4),
    st.tuples(*[st.integers(0, 255)] * 3),
)
@settings(max_examples=50)
def test_a_border_of_any_colour_on_any_side(
    box: tuple[int, int, int, int], colour: tuple[int, int, int]
) -> None:
    inner = picture(120, 100)
    left, top, _, _ = box
    pixels = framed(inner, box, colour)
    assert find_border(pixels) == (left, top, left + 120, top + 100)
    assert np.array_equal(trim(pixels), inner)


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (127, 130, 128)])
@pytest.mark.parametrize(("quality", "smeared"), [(60, 16), (80, 2), (95, 2)])
def test_what_jpeg_makes_of_a_border(
    colour: tuple[int, int, int], quality: int, smeared: int
) -> None:
    inner = np.asarray(Image.fromarray(picture(12, 10)).resize((241, 199)))
    sink = io.BytesIO()
    Image.fromarray(framed(inner, (33, 0, 30, 21), colour)).save(sink, "JPEG", quality=quality)
    found = find_border(np.asarray(Image.open(sink)))
    assert np.abs(np.subtract(found, (33, 0, 33 + 241, 199))).max() <= smeared


def test_each_side_has_a_colour_of_its_own() -> None:
    pixels = framed(framed(picture(80, 80), (0, 20, 0, 0), (0, 0, 0)), (0, 0, 0, 20), (255,) * 3)
    assert find_border(pixels) == (0, 20, 80, 100)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_nothing_but_border_is_left_alone(level: int) -> None:
    pixels = np.full((50, 70, 3), level, np.uint8)
    assert find_border(pixels) == (0, 0, 70, 50)
    assert trim(pixels).shape == pixels.shape


def test_a_speck_on_a_plain_ground_is_no_picture() -> None:
    assert find_border(framed(picture(9, 9), (100, 100, 100, 100), (255,) * 3)) == (0, 0, 209, 209)


def test_a_thin_frame_is_kept() -> None:
    assert find_border(framed(picture(200, 200), (4,) * 4, (0, 0, 0))) == (0, 0, 208, 208)


def test_a_background_that_fades_is_no_border() -> None:
    pixels = picture(200, 200)
    pixels[:120] = np.linspace(250, 180, 120, dtype=np.uint8)[:, None, None]
    assert find_border(pixels) == (0, 0, 200, 200)


def test_a_subject_before_a_white_wall_is_not_cut() -> None:
    across, down = np.meshgrid(np.arange(200), np.arange(200))
    pixels = np.full((200, 200, 3), 255, np.uint8)
    pixels[abs(across - 100) < (down - 30) / 2] = 90  # like the tip of an ear
    assert find_border(pixels) == (0, 0, 200, 200)
    round_one = np.full((200, 200, 3), 255, np.uint8)
    round_one[(across - 100) ** 2 + (down - 100) ** 2 < 60**2] = 90
    left, top, right, bottom = find_border(round_one)
    assert left <= 41 <= 160 <= right
    assert top <= 41 <= 160 <= bottom


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_tiny_pictures(shape: tuple[int, int]) -> None:
    pixels = picture(*shape)
    left, top, right, bottom = find_border(pixels)
    assert 0 <= left < right <= pixels.shape[1]
    assert 0 <= top < bottom <= pixels.shape[0]


def topped(*rows: tuple[int, int, int], height: int = 100, width: int = 100) -> Any:
    """A picture below a black border: so many rows, each with so many pixels of so many levels."""
    pixels = picture(width, height) | np.uint8(64)  # each row of it is far from black
    top = [row for count, pixels_of_it, level in rows for row in [(pixels_of_it, level)] * count]
    for at, (away, level) in enumerate(top):
        pixels[at] = 0
        pixels[at, :away] = level
    return pixels


@pytest.mark.parametrize(
    ("pixels", "top"),
    [
        (topped((5, 0, 0)), 5),  # of 100 rows, one in 20
        (topped((4, 0, 0)), 0),
        (topped((88, 0, 0), height=100, width=800), 0),  # less than one row in 8 would remain
        (topped((87, 0, 0), height=100, width=800), 87),
        (topped((10, 2, 200)), 10),  # one pixel in 50 is a speck
        (topped((10, 0, 0), (10, 3, 200)), 10),
        (topped((10, 0, 0), (5, 100, 4)), 15),  # near to the colour
        (topped((10, 0, 0), (16, 100, 16)), 26),  # smeared, and not clearly away
        (topped((10, 0, 0), (17, 100, 16)), 0),
        (topped((10, 0, 0), (16, 100, 17)), 10),
        (topped((10, 0, 0), (16, 33, 200), width=99), 10),  # one in 3 is the edge
        (topped((10, 0, 0), (17, 32, 200), width=99), 0),
        (topped((10, 0, 0), (17, 33, 200), width=99), 10),
    ],
)
def test_the_limits_of_the_rule(pixels: Any, top: int) -> None:
    assert find_border(pixels)[1] == top
    turned = pixels[::-1].transpose(1, 0, 2)
    assert find_border(turned)[2] == len(pixels) - top
