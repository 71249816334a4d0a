"""Photos that are too large to be decoded whole: the limits are made small here."""

from __future__ import annotations

import io
import struct
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pawlens.base import Budget
from pawlens.errors import UnreadablePhoto
from pawlens.photos import decode
from pawlens.photos.decoding import _pixels as module

KINDS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF")


def smooth(width: int, height: int) -> Image.Image:
    corners = np.array([[[240, 20, 20], [20, 220, 20]], [[20, 20, 220], [220, 220, 220]]], np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BILINEAR)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 5_000)
    monkeypatch.setattr(module, "_WHOLE", 1_000)
    monkeypatch.setattr(module, "_STRIP", 700)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("kind", KINDS)
def test_a_large_photo_comes_at_a_reduced_scale(kind: str) -> None:
    image = smooth(150, 101)
    pixels = decode(encoded(image, kind))
    height, width = pixels.shape[:2]
    assert 2_000 < height * width <= 5_000
    assert width / height == pytest.approx(150 / 101, rel=0.03)
    expected = np.asarray(image.resize((width, height), Image.Resampling.BOX), int)
    assert np.abs(pixels - expected)[:-1, :-1].mean() < 6


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(
    ("kind", "min_side", "height"),
    [("JPEG", 7, 8), ("JPEG", 10, 15), ("JPEG", 50, 60), ("PNG", 10, 15), ("PNG", 31, 60)],
)
def test_what_is_asked_for_is_left(kind: str, min_side: int, height: int) -> None:
    assert decode(encoded(smooth(80, 60), kind), min_side=min_side).shape[0] == height


@pytest.mark.usefixtures("small_limits")
def test_strips_give_what_the_whole_gives() -> None:
    """Also at the last rows, under transparency, with a palette and in sixteen bits."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (67, 73, 4), np.uint8)
    flat = Image.fromarray(noise[..., :3])
    keyed = flat.quantize(16)
    deep = Image.fromarray(rng.integers(0, 65536, (67, 73)).astype(np.uint16))
    for image, options in (
        (flat, {}),
        (Image.fromarray(noise), {}),
        (keyed, {"transparency": 3}),
        (deep, {}),
    ):
        data = encoded(image, "PNG", **options)
        with Image.open(io.BytesIO(data)) as opened:
            opened.load()
            expected = np.asarray(module._rgb(opened))
        assert np.array_equal(decode(data), expected)


def test_orientation_is_that_of_the_reduced_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 500)
    exif = Image.Exif()
    exif[module._ORIENTATION_TAG] = 6
    for kind in ("JPEG", "PNG"):
        pixels = decode(encoded(smooth(60, 40), kind, exif=exif))
        assert pixels.shape[0] > pixels.shape[1]
        assert pixels[0, -1].argmax() == 0  # red was at the top left


@pytest.mark.parametrize("progressive", [False, True])
def test_a_header_that_claims_much_costs_nothing(progressive: bool) -> None:
    data = bytearray(encoded(smooth(64, 64), "JPEG", progressive=progressive))
    at = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 9500, 9400)
    tracemalloc.start()
    with pytest.raises(UnreadablePhoto, match=r"cannot hold 9400 x 9500 pixels"):
        decode(bytes(data))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (2000, 1500)])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_an_even_jpeg_is_no_broken_one(size: tuple[int, int], subsampling: int) -> None:
    """No JPEG is smaller than one colour all over, with the shortest codes for it."""
    for kind in ("L", "RGB"):
        image = Image.new(kind, size)
        options: dict[str, Any] = {"quality": 1, "optimize": True, "progressive": True}
        data = encoded(image, "JPEG", subsampling=subsampling, **options)
        assert decode(data).shape[:2] == size[::-1]


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_what_needs_too_much_is_refused_by_its_header(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(smooth(60, 50), kind)
    each = 16 if kind == "WEBP" else 4
    monkeypatch.setattr(module, "_MOST", 3000 * each)
    assert decode(data).shape == (50, 60, 3)
    monkeypatch.setattr(module, "_MOST", 2999 * each)
    with pytest.raises(UnreadablePhoto, match=f"60 x 50 pixels, more than the 2,999 .* {kind}"):
        decode(data)


def test_a_progressive_jpeg_is_refused_for_its_coefficients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = smooth(600, 500)
    monkeypatch.setattr(module, "_MOST", 4 * 300_000)
    assert decode(encoded(image, "JPEG"), min_side=50).shape[2] == 3
    half = encoded(image, "JPEG", progressive=True, subsampling=2)
    assert decode(half, min_side=50).shape[2] == 3  # 3 bytes a pixel
    with pytest.raises(UnreadablePhoto, match="JPEG"):  # 6
        decode(encoded(image, "JPEG", progressive=True, subsampling=0), min_side=50)


def test_photos_are_decoded_one_at_a_time_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Watched(Budget):
        least = 10**9

        def take(self, amount: int) -> Any:
            taken = super().take(amount)
            Watched.least = min(Watched.least, self.left)
            return taken

    data = encoded(smooth(100, 100), "PNG")
    budget = Watched(60_000)
    monkeypatch.setattr(module, "_MEMORY", budget)
    with ThreadPoolExecutor(4) as pool:
        shapes = [one.shape for one in pool.map(decode, [data] * 12)]
    assert shapes == [(100, 100, 3)] * 12
    assert budget.left == 60_000
    assert Watched.least >= 20_000


@pytest.mark.parametrize(("subsampling", "each"), [(0, 6), (1, 4), (2, 3)])
def test_coefficients_of_a_progressive_jpeg_are_counted_by_its_sampling(
    subsampling: int, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two bytes for each sample, and seven for each pixel at an eighth of the sides."""
    data = encoded(smooth(160, 120), "JPEG", progressive=True, subsampling=subsampling)
    cost = each * 160 * 120 + 7 * 20 * 15
    monkeypatch.setattr(module, "_MOST", cost)
    assert decode(data).shape == (120, 160, 3)
    monkeypatch.setattr(module, "_MOST", cost - 1)
    with pytest.raises(UnreadablePhoto, match="JPEG"):
        decode(data)


@pytest.mark.parametrize(("width", "height"), [(2, 9000), (9000, 2), (3, 5000), (5000, 3)])
def test_a_narrow_jpeg_is_reduced_alike_on_both_sides(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PIXELS", 5_000)
    pixels = decode(encoded(smooth(width, height), "JPEG"))
    assert pixels.shape[:2] == (-(-height // 2), -(-width // 2))
