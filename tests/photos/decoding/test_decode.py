from __future__ import annotations

import io
import re
import struct
import sys
import warnings
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from pawlens.errors import MissingExtra, UnreadablePhoto
from pawlens.photos import decode, resize
from pawlens.photos.decoding import _decode as module
from pawlens.photos.decoding import _pixels as pixels_module
from pawlens.photos.decoding._decode import colours, probe
from pawlens.photos.decoding._formats import looks_like_photo, sniff

Pixels = npt.NDArray[np.uint8]
ORIENTATION = 0x0112


def picture(width: int = 60, height: int = 40) -> Image.Image:
    """Four smooth patches of different colours, so that every turn and mirror shows."""
    corners = np.array([[[250, 20, 20], [20, 240, 20]], [[20, 20, 230], [240, 240, 240]]], np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BILINEAR)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def pixels_of(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"))


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def assert_close(one: Pixels, other: Pixels, limit: int = 3) -> None:
    assert one.shape == other.shape
    assert int(np.abs(one.astype(int) - other).max()) <= limit


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP"])
def test_lossless_formats_give_the_pixels_that_went_in(kind: str) -> None:
    image = picture().quantize(16).convert("RGB")
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(image, kind, **options)
    assert np.array_equal(decode(data), pixels_of(image))
    assert probe(data) == (kind, 60, 40)


def test_jpeg_agrees_with_pillow() -> None:
    for image in (picture(), picture().convert("L")):
        data = encoded(image, "JPEG", quality=95)
        assert_close(decode(data), pixels_of(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(picture(), kind, exif=turned(orientation), **options)
    with Image.open(io.BytesIO(encoded(picture(), kind, **options))) as image:
        image.getexif()[ORIENTATION] = orientation
        expected = pixels_of(ImageOps.exif_transpose(image))
    assert expected.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    assert_close(decode(data), expected)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "jpeg"])
def test_a_tiff_is_turned_once_and_said_to_be_upright(compression: str | None) -> None:
    options = {"compression": compression} if compression else {}
    data = encoded(picture(), "TIFF", exif=turned(6), **options)
    assert probe(data) == ("TIFF", 40, 60)
    assert decode(data).shape == (60, 40, 3)
    assert colours(data) == ("RGB", 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_to_a_reduced_jpeg(orientation: int) -> None:
    data = encoded(picture(240, 160), "JPEG", exif=turned(orientation), quality=95)
    small = decode(data, min_side=40)
    assert min(small.shape[:2]) == 40
    whole = resize(decode(data), 20, "bilinear")
    assert_close(resize(small, 20, "bilinear"), whole, limit=8)


def test_damaged_or_unknown_orientation_is_no_reason_to_lose_a_photo() -> None:
    half = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\xff\0\0\0"
    for exif in (b"Exif\0\0garbage", half, turned(9).tobytes(), turned(0).tobytes()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert decode(encoded(picture(), "JPEG", exif=exif)).shape == (40, 60, 3)


def test_cmyk_jpeg() -> None:
    data = encoded(picture().convert("CMYK"), "JPEG", quality=95)
    assert probe(data)[0] == "JPEG"
    assert_close(decode(data), pixels_of(picture()), limit=12)


def test_palette_with_transparency_lies_on_white() -> None:
    image = Image.new("P", (4, 2), 0)
    image.putpalette([200, 10, 10, 10, 10, 200])
    image.putpixel((3, 1), 1)
    pixels = decode(encoded(image, "PNG", transparency=0))
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[1, 3].tolist() == [10, 10, 200]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_lies_on_white(mode: str) -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    pixels = decode(encoded(image.convert(mode), "PNG"))
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert_close(pixels[:, 1:], np.full((1, 1, 3), 127, np.uint8), limit=1)


def test_colour_key_of_an_rgb_png_lies_on_white() -> None:
    image = Image.new("RGB", (2, 1), (1, 2, 3))
    image.putpixel((1, 0), (9, 9, 9))
    pixels = decode(encoded(image, "PNG", transparency=(1, 2, 3)))
    assert pixels[0].tolist() == [[255, 255, 255], [9, 9, 9]]


def test_sixteen_bit_grey_is_scaled() -> None:
    values = np.array([[0, 256, 257, 128 * 257 - 1, 128 * 257, 65279, 65535]], np.uint16)
    pixels = decode(encoded(Image.fromarray(values), "PNG"))
    assert pixels[0, :, 0].tolist() == [0, 0, 1, 127, 128, 254, 255]
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_one_bit_and_grey() -> None:
    image = Image.new("1", (3, 2), 1)
    assert (decode(encoded(image, "PNG")) == 255).all()
    assert (decode(encoded(Image.new("L", (3, 2), 7), "PNG")) == 7).all()


@pytest.mark.parametrize(("dtype", "words"), [(np.float32, "floating-point"), (np.int32, "32-bit")])
def test_pixels_without_a_white_are_refused(dtype: type, words: str) -> None:
    data = encoded(Image.fromarray(np.full((2, 2), 200, dtype)), "TIFF")
    with pytest.raises(UnreadablePhoto, match=f"{words} pixels have no defined white"):
        decode(data)


def test_a_big_tiff() -> None:
    assert np.array_equal(decode(encoded(picture(), "TIFF", big_tiff=True)), pixels_of(picture()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer of Git LFS"),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML><html>", "a web page"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(4096), "all zero; it was not copied or downloaded whole"),
        (b"hello, world", "of no known picture format"),
    ],
)
def test_what_is_no_photo_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UnreadablePhoto, match=f"not a photo: .*{words}"):
        decode(data)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_of_an_animation(kind: str) -> None:
    first, second = Image.new("RGB", (8, 6), (255, 0, 0)), Image.new("RGB", (8, 6), (0, 0, 255))
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(first, kind, save_all=True, append_images=[second], **options)
    assert Image.open(io.BytesIO(data)).n_frames == 2  # type: ignore[attr-defined]
    assert (decode(data) == [255, 0, 0]).all()


def test_multi_picture_jpeg() -> None:
    data = encoded(picture(), "MPO", save_all=True, append_images=[picture(80, 80)], quality=95)
    assert probe(data) == ("MPO", 60, 40)
    assert_close(decode(data), pixels_of(picture()), limit=12)


def test_heic_is_read_upright() -> None:
    heif = pytest.importorskip("pillow_heif")
    sink = io.BytesIO()
    heif.from_pillow(picture()).save(sink, quality=90)
    data = sink.getvalue()
    assert sniff(data) == "HEIC"
    assert probe(data) == ("HEIC", 60, 40)
    assert_close(decode(data), pixels_of(picture()), limit=30)
    with pytest.raises(UnreadablePhoto, match=r"^HEIC cannot be decoded"):
        decode(data[: len(data) // 2])


def test_heic_without_the_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = b"\0\0\0\x1cftypheic\0\0\0\0heicmif1"
    with pytest.raises(MissingExtra, match=r"pip install 'pawlens\[heic\]'"):
        decode(head)


def test_heic_that_is_too_large_is_refused_before_its_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heif = pytest.importorskip("pillow_heif")
    sink = io.BytesIO()
    heif.from_pillow(picture()).save(sink)
    monkeypatch.setattr(module, "MAX_PIXELS", 100)
    monkeypatch.setattr(heif.HeifImageFile, "load", lambda self: pytest.fail("pixels were read"))
    with pytest.raises(UnreadablePhoto, match="60 x 40 pixels"):
        decode(sink.getvalue())


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff", b"hello, I am a text file"])
def test_no_photo(data: bytes) -> None:
    with pytest.raises(UnreadablePhoto):
        decode(data)


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"II,\0\x08\0\0\0\0\0\0\0",
        b"GIF88a\0\0\0\0\0\0",
    ],
)
def test_what_begins_like_a_photo_and_is_none(head: bytes) -> None:
    """Sound and films share the first bytes of WebP and HEIC."""
    assert sniff(head) is None
    assert not looks_like_photo(head)
    with pytest.raises(UnreadablePhoto, match=r"^not a photo"):
        decode(head)


def test_empty_is_said() -> None:
    with pytest.raises(UnreadablePhoto, match="0 bytes"):
        decode(b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_truncated(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(UnreadablePhoto, match=f"^{kind} cannot be decoded"):
        decode(data[: len(data) // 2])


def test_decompression_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(UnreadablePhoto, match=r"50000 x 50000 pixels, more than the 268,435,456"):
        decode(png_of_size(50_000, 50_000))
    with pytest.raises(UnreadablePhoto, match=r"the 200,000,000 that are decoded of a PNG"):
        decode(png_of_size(20_000, 12_000))


def test_avif_is_read_upright() -> None:
    data = encoded(picture(), "AVIF", quality=95, exif=turned(6))
    assert probe(data)[0] == "AVIF"
    expected = pixels_of(picture().transpose(Image.Transpose.ROTATE_270))
    assert_close(decode(data), expected, limit=12)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "WEBP", "BMP", "JPEG", "AVIF"])
@pytest.mark.parametrize("kept", [14, 40, 100])
def test_a_reason_is_in_words(kind: str, kept: int) -> None:
    with pytest.raises(UnreadablePhoto) as caught:
        decode(encoded(picture(), kind)[:kept])
    reason = str(caught.value)
    assert reason.startswith(f"{kind} cannot be decoded: ")
    assert not re.search(r"Error|Exception|object at|<|Traceback|'", reason)


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(UnreadablePhoto, match="10 bytes"):
        decode(encoded(picture(), "PNG"))


def test_name_and_content_need_not_agree() -> None:
    """Nothing but the content is given, so a GIF called .jpg is a GIF."""
    assert sniff(encoded(picture(), "GIF")) == "GIF"


_heads = st.sampled_from(
    [encoded(picture(), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")]
    + [b"\0\0\0\x1cftypheic\0\0\0\0heicmif1", b""]
)


@settings(max_examples=150)
@given(good=_heads, cut=st.integers(0, 4000), tail=st.binary(max_size=40), at=st.floats(0, 1))
def test_any_bytes_give_pixels_or_a_reason(good: bytes, cut: int, tail: bytes, at: float) -> None:
    spot = int(at * len(good))
    data = (good[:spot] + tail + good[spot + len(tail) :])[: cut or None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = decode(data, min_side=8)
        except (UnreadablePhoto, MissingExtra) as error:
            reason = str(error)
            assert reason.splitlines() == [reason]
            return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200))
def test_min_side_is_kept(width: int, height: int, side: int) -> None:
    pixels = decode(encoded(picture(width, height), "JPEG"), min_side=side)
    assert min(pixels.shape[:2]) >= min(side, width, height)
    assert pixels.shape[0] <= height
    assert pixels.shape[1] <= width


def test_short_memory_is_no_fault_of_a_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be set aside, and the model would be another one."""
    sink = io.BytesIO()
    picture().save(sink, "PNG")

    def short(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pixels_module, "_rgb", short)
    with pytest.raises(MemoryError):
        decode(sink.getvalue())
