"""The square of a photo file: as the whole pixels give it, at whatever scale it is decoded."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pawlens.photos import SPARE, decode, resize, square, squares, trim
from pawlens.photos.decoding import _square
from pawlens.photos.decoding._decode import decode_placed
from pawlens.photos.decoding._pixels import choose_factor

SIZE = 24
Pixels = npt.NDArray[np.uint8]


def encoded(
    width: int, height: int, kind: str = "JPEG", orientation: int = 1, **options: Any
) -> bytes:
    """A picture with soft shapes of many sizes, as a file."""
    rng = np.random.default_rng(2)
    layers = [
        Image.fromarray(rng.integers(0, 256, (side * 3, side * 4, 3), dtype=np.uint8)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        for side in (2, 5, 11)
    ]
    picture = Image.blend(Image.blend(layers[0], layers[1], 0.5), layers[2], 0.3)
    exif, sink = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    picture.save(sink, kind, exif=exif, **options)
    return sink.getvalue()


def gap(found: Pixels, expected: Pixels) -> float:
    """Mean difference in levels."""
    return float(np.abs(found.astype(int) - expected).mean())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("sides", [(800, 400), (403, 801), (1601, 1203)])
def test_a_reduced_scale_gives_what_the_whole_photo_gives(
    sides: tuple[int, int], orientation: int
) -> None:
    data = encoded(*sides, orientation=orientation, quality=92)
    assert decode_placed(data, SPARE * SIZE).factor >= 4
    found = square(data, SIZE, "bicubic")
    assert gap(found, resize(decode(data), SIZE, "bicubic")) < 0.25


@pytest.mark.parametrize("options", [{"subsampling": 0}, {"subsampling": 2, "progressive": True}])
def test_whatever_way_the_jpeg_is_encoded(options: dict[str, Any]) -> None:
    data = encoded(803, 601, quality=90, **options)
    whole = resize(decode(data), SIZE, "bilinear")
    assert 0 < gap(square(data, SIZE, "bilinear"), whole) < 0.25


@pytest.mark.parametrize("window", [(0.0, 0.0, 0.5, 1.0), (0.23, 0.11, 0.94, 0.77)])
def test_a_window_is_a_part_of_the_photo(window: tuple[float, float, float, float]) -> None:
    data = encoded(1203, 903, quality=92)
    left, top, right, bottom = window
    pixels = decode(data)[
        int(top * 903) : int(np.ceil(bottom * 903)), int(left * 1203) : int(np.ceil(right * 1203))
    ]
    expected = resize(pixels, SIZE, "bicubic")
    assert np.array_equal(square(data, SIZE, "bicubic", window=window, scale="whole"), expected)
    assert gap(square(data, SIZE, "bicubic", window=window), expected) < 0.35


def test_a_border_is_found_in_all_pixels() -> None:
    picture = np.full((900, 1000, 3), 255, np.uint8)
    picture[100:800, 150:900] = np.random.default_rng(0).integers(0, 200, (700, 750, 3))
    sink = io.BytesIO()
    Image.fromarray(picture).save(sink, "JPEG", quality=95)
    expected = resize(trim(decode(sink.getvalue())), SIZE, "bicubic")
    assert np.array_equal(square(sink.getvalue(), SIZE, "bicubic", trimmed=True), expected)


def test_whole_and_small_photos_are_decoded_whole() -> None:
    large, small = encoded(800, 600), encoded(110, 90)
    for data, found in (
        (large, square(large, SIZE, "bicubic", scale="whole")),
        (small, square(small, SIZE, "bicubic")),
    ):
        assert np.array_equal(found, resize(decode(data), SIZE, "bicubic"))


@pytest.mark.parametrize(
    ("sides", "options", "decoded"),
    [((110, 90), {}, 1), ((803, 601), {}, 2), ((803, 601), {"scale": "whole"}, 1)],
)
def test_several_squares_are_what_each_is_alone_and_a_photo_is_decoded_once_where_it_can(
    sides: tuple[int, int], options: dict[str, Any], decoded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(*sides, quality=92)
    wanted = [(40, "bicubic"), (SIZE, "bilinear"), (40, "bicubic")]
    alone = [square(data, *one, **options) for one in wanted]
    asked = []

    def counted(*arguments: Any) -> Any:
        asked.append(arguments)
        return decode_placed(*arguments)

    monkeypatch.setattr(_square, "decode_placed", counted)
    for found, expected in zip(squares(data, wanted, **options), alone, strict=True):
        assert np.array_equal(found, expected)
    assert len(asked) == decoded


@pytest.mark.parametrize(
    ("width", "height", "least", "jpeg", "factor"),
    [
        (4000, 3000, 640, True, 4),
        (4000, 3000, 640, False, 4),
        (2000, 1500, 640, True, 2),
        (2000, 1500, 640, False, 1),
        (1279, 2000, 640, True, 1),
        (1280, 2000, 640, True, 2),
        (20_000, 10_000, 1, True, 8),
        (8064, 6048, None, True, 2),
        (8064, 6048, 4000, True, 2),
        (5000, 5000, None, True, 1),
        (1, 1, 1, True, 1),
    ],
)
def test_the_scale_leaves_enough_and_fits_in_memory(
    width: int, height: int, least: int | None, jpeg: bool, factor: int
) -> None:
    assert choose_factor(width, height, least, jpeg=jpeg) == factor
