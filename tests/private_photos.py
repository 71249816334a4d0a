"""Photos whose metadata hold secrets, for tests that none of them is told."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

__all__ = ["SECRETS", "private_photo", "secret_exif"]

SECRETS = (
    "SERIAL-7F3A",
    "Jane Secret",
    "Hidden Lane 5",
    "2026:11:30 07:08:09",
    "LENS-99X",
)
"""What must be found nowhere."""


def secret_exif(orientation: int = 1) -> Image.Exif:
    """EXIF with a place, a time, serial numbers, a name, and a small picture."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model 5"
    exif[0x0112] = orientation
    exif[0x013B] = "Jane Secret"
    facts = exif.get_ifd(0x8769)
    facts[0x9003] = "2026:11:30 07:08:09"
    facts[0xA431], facts[0xA435], facts[0xA430] = "SERIAL-7F3A", "LENS-99X", "Jane Secret"
    facts[0x9286] = b"ASCII\0\0\0Hidden Lane 5"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (81.0, 15.0, 0.0)
    place[3], place[4] = "E", (7.0, 0.0, 0.0)
    return exif


def private_photo(kind: str, orientation: int = 1, seed: int = 0) -> bytes:
    """An uneven photo of 24 x 16 pixels as a file of one format, with secrets and a profile."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 255, (16, 24, 3), np.uint8))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a aux:SerialNumber="SERIAL-7F3A"/></x:xmpmeta>'
    sink, exif = io.BytesIO(), secret_exif(orientation)
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Author", "Jane Secret")
        notes.add_itxt("Comment", "Hidden Lane 5")
        image.save(sink, kind, exif=exif, pnginfo=notes, icc_profile=profile)
    elif kind == "GIF":
        image.save(
            sink,
            kind,
            comment=b"Hidden Lane 5",
            save_all=True,
            loop=3,
            append_images=[image.rotate(180)],
            duration=50,
        )
    elif kind == "BMP":
        image.save(sink, kind)
    elif kind == "TIFF":
        image.save(sink, kind, exif=exif)
    elif kind == "WEBP":
        image.save(sink, kind, exif=exif, xmp=xmp, icc_profile=profile, lossless=True)
    else:
        image.save(
            sink,
            kind,
            exif=exif,
            xmp=xmp,
            icc_profile=profile,
            quality=90,
            comment=b"Hidden Lane 5",
            progressive=seed % 2 == 1,
        )
    return sink.getvalue() + (b"SERIAL-7F3A after the end" if kind in ("JPEG", "PNG") else b"")
