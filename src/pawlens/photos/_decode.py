"""The one decoder: every pixel that pawlens sees comes from here.

The format is read from the content, never from the file name. The result is always upright
8-bit RGB: EXIF orientation is applied, transparency is laid on white, 16-bit greys are scaled,
CMYK and palettes are converted, and of an animation the first frame is taken.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from ..base import require
from ..errors import MissingExtra, UnreadablePhoto

if TYPE_CHECKING:
    Pixels = npt.NDArray[np.uint8]

__all__ = ["MAX_BYTES", "MAX_PIXELS", "colours", "decode", "looks_like_photo", "probe", "sniff"]

MAX_PIXELS = 89_478_485
"""Largest width x height that is decoded (Pillow's own threshold of suspicion: 256 MiB of RGB)."""

MAX_BYTES = 256 * 1024 * 1024
"""Largest encoded photo that is read."""

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_NAMES = {"HEIF": "HEIC", "DIB": "BMP"}  # Pillow's name: ours
_EXIF_TAGS, _CAMERA_TAGS, _SERIAL_TAG, _TAKEN_TAG = 0x8769, (0x010F, 0x0110), 0xA431, 0x9003
_ORIENTATION_TAG = 0x0112


def sniff(head: bytes) -> str | None:
    """Name the format of a photo from its first 12 bytes or more, or None."""
    if head[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM":
        return "BMP"
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return "TIFF"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "HEIC"
    return None


def looks_like_photo(head: bytes) -> bool:
    """Whether the first bytes are those of a photo, whatever the file is called."""
    return sniff(head) is not None


def decode(data: bytes, *, min_side: int | None = None) -> Pixels:
    """Decode one photo.

    Parameters
    ----------
    data : bytes
        Content of the whole file.
    min_side : int, optional
        A JPEG whose sides are both larger is decoded at the smallest scale (in eighths) that keeps
        both sides at least this long, which is several times faster. None decodes every pixel.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        Upright RGB.

    Raises
    ------
    UnreadablePhoto
        The photo is empty, truncated, larger than `MAX_PIXELS` or `MAX_BYTES`, or in a format that
        is not supported. The message is the reason without a path.
    MissingExtra
        The photo is HEIC and the extra ``heic`` is not installed.
    MemoryError
        There is not enough memory, which tells nothing about the photo.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pawlens import decode
    >>> pixels = decode(Path("photos/train/cat.0.jpg").read_bytes())
    >>> pixels.dtype, pixels.shape[2]
    (dtype('uint8'), 3)
    """
    with _opened(data) as image:
        return _pixels(image, data, min_side)


def probe(data: bytes) -> tuple[str, int, int]:
    """Read format, width and height from a photo's header alone; raises as `decode` does."""
    with _opened(data) as image:
        return _NAMES.get(image.format or "", image.format or ""), image.width, image.height


def colours(data: bytes) -> tuple[str, int]:
    """Read a photo's colour mode (Pillow's name) and EXIF orientation, 1 (upright) to 8.

    Only the header is read; raises as `decode` does.
    """
    with _opened(data) as image:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
        return image.mode, orientation if orientation in range(1, 9) else 1


def camera_and_time(data: bytes) -> tuple[str, str]:
    """Read which camera took a photo, and when, as its EXIF has them; empty where it has not.

    Only the header is read; raises as `decode` does.
    """
    with _opened(data) as image:
        exif = image.getexif()
        facts = exif.get_ifd(_EXIF_TAGS)
        camera = [exif.get(tag, "") for tag in _CAMERA_TAGS] + [facts.get(_SERIAL_TAG, "")]
        return " ".join(str(part).strip("\0 ") for part in camera).strip(), str(
            facts.get(_TAKEN_TAG, "")
        ).strip("\0 ")


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    if not data:
        raise UnreadablePhoto("the file is empty (0 bytes)")
    if len(data) > MAX_BYTES:
        raise UnreadablePhoto(f"more than the {MAX_BYTES:,} bytes that are read")
    kind = sniff(data[:16])
    if kind is None:
        raise UnreadablePhoto("not a photo: its first bytes are of no known picture format")
    try:
        with _open(data, kind) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadablePhoto(
                    f"{image.width} x {image.height} pixels, more than the {MAX_PIXELS:,} "
                    "that are decoded"
                )
            yield image
    except (UnreadablePhoto, MissingExtra, MemoryError):  # no fault of the photo
        raise
    except Exception as error:  # hostile bytes make Pillow's plug-ins raise nearly anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadablePhoto(f"{kind} cannot be decoded: {reason[:160]}") from error


def _open(data: bytes, kind: str) -> Image.Image:
    if kind != "HEIC":
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    heif = require("pillow_heif", extra="heic")
    picture: Image.Image = heif.HeifImageFile(io.BytesIO(data))
    return picture


def _pixels(image: Image.Image, data: bytes, min_side: int | None) -> Pixels:
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    pixels = _fast_jpeg(image, data, min_side)
    if pixels is None:
        return np.asarray(_rgb(ImageOps.exif_transpose(image)))
    if orientation == 1:
        return pixels
    upright = Image.fromarray(pixels)
    upright.getexif()[_ORIENTATION_TAG] = orientation
    return np.asarray(ImageOps.exif_transpose(upright))


def _fast_jpeg(image: Image.Image, data: bytes, min_side: int | None) -> Pixels | None:
    """Decode with libjpeg-turbo at a reduced scale, or None where Pillow must judge."""
    if image.format not in ("JPEG", "MPO") or image.mode not in ("RGB", "L"):
        return None
    import simplejpeg

    side = min_side if min_side is not None and min(image.size) > min_side else 0
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, min_height=side, min_width=side)
    except ValueError:  # damaged or merely odd: Pillow tells the two apart
        return None
    return pixels


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        wide = np.asarray(image).astype(np.int64)
        return Image.fromarray((np.clip(wide, 0, 65535) // 257).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise UnreadablePhoto("floating-point pixels have no defined white; save it as 8-bit")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")
