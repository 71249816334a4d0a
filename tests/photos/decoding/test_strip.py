"""Metadata taken out of files: pixels, turn and colours stay, and nothing that tells of people."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from pawlens import decode
from pawlens.errors import UnreadablePhoto
from pawlens.photos import PLACE, private_facts, without_metadata

from ...private_photos import SECRETS, private_photo

KINDS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_no_secret_is_left_and_every_pixel_is(kind: str, seed: int) -> None:
    photo = private_photo(kind, seed=seed)
    copy, written = without_metadata(photo)
    assert written == ("PNG" if kind in ("TIFF", "BMP") else kind)
    np.testing.assert_array_equal(decode(copy), decode(photo))
    assert private_facts(copy) == ()
    for secret in SECRETS:
        assert secret.encode() not in copy
    assert Image.open(io.BytesIO(copy)).format == written


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_how_a_photo_is_turned_stays_and_nothing_else_of_exif(kind: str, orientation: int) -> None:
    copy, _ = without_metadata(private_photo(kind, orientation))
    exif = dict(Image.open(io.BytesIO(copy)).getexif())
    assert exif == ({} if orientation == 1 else {0x0112: orientation})
    np.testing.assert_array_equal(decode(copy), decode(private_photo(kind, orientation)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_stay_as_they_are_meant(kind: str) -> None:
    photo = private_photo(kind)
    profiles = [
        Image.open(io.BytesIO(data)).info["icc_profile"]
        for data in (photo, without_metadata(photo)[0])
    ]
    assert profiles[0] == profiles[1]


def test_a_cmyk_jpeg_keeps_its_mark_of_colours() -> None:
    sink = io.BytesIO()
    Image.effect_noise((24, 24), 60).convert("CMYK").save(sink, "JPEG")
    photo = sink.getvalue()
    copy, _ = without_metadata(photo)
    np.testing.assert_array_equal(decode(copy), decode(photo))


def test_the_small_picture_of_jfif_goes_too() -> None:
    sink = io.BytesIO()
    Image.effect_noise((24, 24), 60).save(sink, "JPEG")
    photo = sink.getvalue()
    end = 4 + int.from_bytes(photo[4:6])
    small = photo[6 : end - 2] + b"\x01\x01" + b"\xaa\xbb\xcc"  # one pixel
    told = photo[:4] + (len(small) + 2).to_bytes(2) + small + photo[end:]
    copy, _ = without_metadata(told)
    assert b"\xaa\xbb\xcc" in told[:40]
    assert b"\xaa\xbb\xcc" not in copy[:40]
    np.testing.assert_array_equal(decode(copy), decode(photo))


def test_an_animation_keeps_its_frames_and_loops() -> None:
    copy, _ = without_metadata(private_photo("GIF"))
    image = Image.open(io.BytesIO(copy))
    assert (getattr(image, "n_frames", 1), image.info["loop"]) == (2, 3)


def test_coded_pixels_are_the_very_same_bytes() -> None:
    photo = private_photo("JPEG")
    copy, _ = without_metadata(photo)
    start = photo.index(b"\xff\xda")
    end = photo.index(b"\xff\xd9", start) + 2
    assert copy.endswith(photo[start:end])
    assert without_metadata(copy)[0] == copy


def test_what_is_told_of_a_photo_are_facts_without_values() -> None:
    assert private_facts(private_photo("TIFF")) == ("the photographer's name",)
    for kind in ("JPEG", "WEBP", "PNG"):
        facts = private_facts(private_photo(kind))
        assert facts[0] == PLACE
        assert {"the camera's serial number", "the photographer's name"} <= set(facts)
        assert not any(secret in " ".join(facts) for secret in SECRETS)
    assert private_facts(private_photo("BMP")) == ()
    assert private_facts(private_photo("GIF")) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_files_that_are_cut_short_or_damaged_are_refused_or_whole(kind: str) -> None:
    """Wherever a file is cut, and whatever byte is wrong, there is a reason or a copy."""
    photo = private_photo(kind)
    rng = np.random.default_rng(1)
    for at in rng.integers(1, len(photo), 40).tolist():
        damaged = bytearray(photo)
        damaged[at] ^= 0xFF
        for data in (photo[:at], bytes(damaged)):
            with suppress(UnreadablePhoto):  # any other error fails the test
                assert without_metadata(data)[0]


def without_pixels(kind: str) -> tuple[bytes, bytes]:
    """A photo, and the same with a secret in a part that no pixel comes from."""
    sink, secret = io.BytesIO(), b"Anna, Elm Street 5"
    picture = Image.effect_noise((24, 24), 60)
    (picture.convert("CMYK") if kind == "JPEG" else picture).save(sink, kind)
    photo = sink.getvalue()
    if kind == "BMP":
        return photo, photo + secret
    if kind == "GIF":
        text = b"\x21\x01\x0c" + bytes(12) + bytes([len(secret)]) + secret + b"\0"
        return photo, photo[:-1] + text + photo[-1:]
    mark = photo.index(b"Adobe")  # 12 bytes, behind the length of the part
    part = photo[mark : mark + 12] + secret
    return photo, photo[: mark - 2] + (len(part) + 2).to_bytes(2) + part + photo[mark + 12 :]


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG"])
def test_parts_that_no_pixel_comes_from_go(kind: str) -> None:
    photo, told = without_pixels(kind)
    copy, _ = without_metadata(told)
    assert b"Elm Street" in told
    assert b"Elm Street" not in copy
    np.testing.assert_array_equal(decode(copy), decode(photo))
