"""The one decoder: every pixel that pawlens sees comes from here.

The format is read from the content, never from the file name. The result is always upright
8-bit RGB: EXIF orientation is applied, transparency is laid on white, 16-bit greys are scaled,
CMYK and palettes are converted, and of an animation the first frame is taken.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from ...base import require
from ...errors import MissingExtra, UnreadablePhoto
from ._formats import HEAD_BYTES, describe_other, name_unread, sniff, why_unread
from ._pixels import Decoded, orientation_of, read_pixels, refuse_costly

if TYPE_CHECKING:
    Pixels = npt.NDArray[np.uint8]

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "colours",
    "decode",
    "decode_placed",
    "encoding",
    "opened",
    "probe",
]

MAX_PIXELS = 2**28
"""Largest width x height that is decoded; formats other than JPEG have lower limits."""

MAX_BYTES = 256 * 1024 * 1024
"""Largest encoded photo that is read."""

_CAMERA_TAGS = (0x010F, 0x0110)  # EXIF: Make, Model
_NAMES = {"HEIF": "HEIC", "DIB": "BMP"}  # Pillow's name: ours
_EXIF_TAGS, _SERIAL_TAG, _TAKEN_TAG = 0x8769, 0xA431, 0x9003


def decode(data: bytes, *, min_side: int | None = None) -> Pixels:
    """Decode one photo.

    Parameters
    ----------
    data : bytes
        Content of the whole file.
    min_side : int, optional
        A JPEG is decoded at the smallest scale, of a half, a quarter and an eighth, that keeps both
        sides at least this long, which is several times faster; another large photo is averaged.
        None decodes every pixel. Of a photo with more than 25 megapixels less is decoded in any
        case, so that the result never has more.

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
    return decode_placed(data, min_side).pixels


def decode_placed(data: bytes, min_side: int | None) -> Decoded:
    """Decode as `decode` does, and tell how the pixels lie on the photo."""
    with opened(data) as image:
        return read_pixels(image, data, min_side)


def probe(data: bytes) -> tuple[str, int, int]:
    """Read format, width and height from a photo's header alone; raises as `decode` does."""
    with opened(data) as image:
        return facts_of(image)


def facts_of(image: Image.Image) -> tuple[str, int, int]:
    """Format, width and height of an opened picture."""
    return _NAMES.get(image.format or "", image.format or ""), image.width, image.height


def colours(data: bytes) -> tuple[str, int]:
    """Read a photo's colour mode (Pillow's name) and EXIF orientation, 1 (upright) to 8.

    Only the header is read; raises as `decode` does.
    """
    with opened(data) as image:
        return image.mode, orientation_of(image)


def camera_facts(data: bytes) -> tuple[str, str, str]:
    """Read camera, hash of its serial number, and time, as EXIF has them; empty where it has not.

    Only the header is read; raises as `decode` does. A serial number tells one camera from another
    of its model, and owners from each other: its hash does the first alone.
    """
    with opened(data) as image:
        return camera_of(image)


def camera_of(image: Image.Image) -> tuple[str, str, str]:
    """Read of an opened picture what `camera_facts` reads; hostile EXIF raises nearly anything."""
    exif = image.getexif()
    facts = exif.get_ifd(_EXIF_TAGS)
    camera = [str(exif.get(tag, "")).strip("\0 ") for tag in _CAMERA_TAGS]
    serial = str(facts.get(_SERIAL_TAG, "")).strip("\0 ")
    hashed = hashlib.sha256(serial.encode("utf-8", "replace")).hexdigest()[:8] if serial else ""
    taken = str(facts.get(_TAKEN_TAG, "")).strip("\0 ")
    return " ".join(camera).strip(), hashed, taken


def encoding(data: bytes) -> tuple[str, str, int]:
    """Read how a photo was saved, from its header alone; raises as `decode` does.

    Returns
    -------
    mode : str
        Colour mode (Pillow's name).
    camera : str
        Maker and model by EXIF, empty without.
    compression : int
        Sum of the first quantisation table of a JPEG, 0 for other formats.
    """
    with opened(data) as image:
        exif = image.getexif()
        camera = " ".join(str(exif.get(tag, "")).strip("\0 ") for tag in _CAMERA_TAGS).strip()
        tables = getattr(image, "quantization", None) or {}
        return image.mode, camera, sum(next(iter(tables.values()), ()))


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """Yield a photo that is opened and not loaded, for its header; raises as `decode` does."""
    if not data:
        raise UnreadablePhoto("the file is empty (0 bytes)")
    if len(data) > MAX_BYTES:
        raise UnreadablePhoto(f"more than the {MAX_BYTES:,} bytes that are read")
    kind = sniff(data[:HEAD_BYTES])
    if kind is None:
        unread = name_unread(data[:HEAD_BYTES])
        if unread is not None:
            raise UnreadablePhoto(why_unread(unread))
        raise UnreadablePhoto(f"not a photo: {describe_other(data[:HEAD_BYTES])}")
    try:
        with _open(data, kind) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnreadablePhoto(
                    f"{image.width} x {image.height} pixels, more than the {MAX_PIXELS:,} "
                    "that are decoded"
                )
            refuse_costly(image, len(data))
            yield image
    except (UnreadablePhoto, MissingExtra, MemoryError):  # no fault of the photo
        raise
    except Exception as error:  # hostile bytes make Pillow's plug-ins raise nearly anything
        raise UnreadablePhoto(f"{kind} cannot be decoded: {_in_words(error)}") from error


_OF_AN_OBJECT = "could not create decoder object"  # Pillow 11, where a WebP is cut short


def _in_words(error: Exception) -> str:
    """Return what Pillow says of a file's content; what Python says of objects is no reason."""
    words = " ".join(str(error).split())
    told = isinstance(error, OSError | Image.DecompressionBombError) and words != _OF_AN_OBJECT
    if not told or not words:
        return "the file is damaged or cut short"
    return words[:160]


def _open(data: bytes, kind: str) -> Image.Image:
    """Open a picture by its own plug-in: `Image.open` warns of sizes that are read here."""
    if kind == "HEIC":
        heif = require("pillow_heif", extra="heic")
        picture: Image.Image = heif.HeifImageFile(io.BytesIO(data))
        return picture
    if kind not in Image.OPEN:
        Image.init()
    plugin, _ = Image.OPEN[kind]
    return plugin(io.BytesIO(data), "")
