from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pawlens.photos import resize
from pawlens.photos.decoding import _resize

Pixels = npt.NDArray[np.uint8]


def pillow(pixels: Pixels, size: int, interpolation: str) -> Pixels:
    resample = Image.Resampling[interpolation.upper()]
    columns = Image.fromarray(pixels).resize((size, pixels.shape[0]), resample)
    return np.asarray(columns.resize((size, size), resample))


@pytest.mark.parametrize("by_rust", [True, False])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@given(height=st.integers(1, 400), width=st.integers(1, 400), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_squashes_with_pillows_filter(
    by_rust: bool, interpolation: str, height: int, width: int, seed: int
) -> None:
    if by_rust and not _resize._FAST:
        pytest.skip("cykooz-resizer has no wheel for this machine")
    shape = (height, width, 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    by = _resize._by_rust if by_rust else _resize._by_pillow
    small = by(pixels, 40, interpolation, (0, 0, width, height))
    assert small.shape == (40, 40, 3)
    assert small.dtype == np.uint8
    gap = np.abs(small.astype(int) - pillow(pixels, 40, interpolation))
    assert gap.max() <= 2


@pytest.mark.skipif(not _resize._FAST, reason="cykooz-resizer has no wheel for this machine")
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_of_noise_few_values_differ_from_pillows(interpolation: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (188, 250, 3), dtype=np.uint8)
    small = _resize._by_rust(pixels, 160, interpolation, (0, 0, 250, 188))
    assert np.mean(small != pillow(pixels, 160, interpolation)) < 0.02


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_what_fits_stays_as_it_is(interpolation: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    assert np.shares_memory(resize(pixels, 32, interpolation), pixels)


def test_a_part_of_a_picture_is_resized_like_its_copy() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    part = pixels[10:70, 20:110]
    assert np.array_equal(resize(part, 32, "bilinear"), resize(part.copy(), 32, "bilinear"))


def test_very_wide_pictures_keep_their_level() -> None:
    pixels = np.full((3, 20_000, 3), (200, 100, 50), np.uint8)
    assert np.abs(resize(pixels, 16, "bicubic").astype(int) - (200, 100, 50)).max() <= 1


@pytest.mark.parametrize("by_rust", [True, False])
def test_a_box_may_end_inside_a_pixel(by_rust: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo whose side is no multiple of 4, seen at a quarter: the rest is not stretched."""
    if by_rust and not _resize._FAST:
        pytest.skip("cykooz-resizer has no wheel for this machine")
    monkeypatch.setattr(_resize, "_FAST", by_rust)
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 17, 3), dtype=np.uint8))
    whole = np.asarray(coarse.resize((401, 297), Image.Resampling.BICUBIC))
    padded = np.pad(whole, ((0, 3), (0, 3), (0, 0)), "edge")
    quarter = padded.reshape(75, 4, 101, 4, 3).mean((1, 3)).round().astype(np.uint8)
    expected = resize(whole, 20, "bicubic").astype(int)
    right = resize(quarter, 20, "bicubic", (0, 0, 401 / 4, 297 / 4))
    assert (
        np.abs(right - expected).mean()
        < 0.5 * np.abs(resize(quarter, 20, "bicubic") - expected).mean()
    )


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    box = (0.5, 0.25, 119.75, 90)
    whole = resize(pixels, 32, "bicubic", box)
    monkeypatch.setattr(_resize, "_STRIP", 1_000)
    assert np.array_equal(resize(pixels, 32, "bicubic", box), whole)
