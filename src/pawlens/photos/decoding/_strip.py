"""Copies of photos without metadata: parts are taken out of the file, and pixels stay as coded."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from ...errors import UnreadablePhoto
from ._decode import colours, decode
from ._formats import HEAD_BYTES, sniff

__all__ = ["without_metadata"]

_SOS, _EOI, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = (
    0xDA,
    0xD9,
    0xE0,
    0xE1,
    0xE2,
    0xEE,
    0xEF,
    0xFE,
)
_ALONE = (0x01, *range(0xD0, 0xD8))  # markers without a length
_PNG_KEPT = (
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs "
    b"acTL fcTL fdAT"
).split()
_WEBP_KEPT = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def without_metadata(data: bytes) -> tuple[bytes, str]:
    """Return a photo without its metadata, and its format.

    Of JPEG, PNG, WebP and GIF the parts of the file that hold metadata, comments and small pictures
    are left out, and whatever follows the end; colour profiles and how often an animation runs
    stay, and so does the orientation, as the only entry of new EXIF. Pixels are not encoded anew.
    A photo of another format is decoded, as `pawlens.decode` does, and saved as PNG.

    Parameters
    ----------
    data : bytes
        Content of the whole file.

    Raises
    ------
    UnreadablePhoto
        The photo cannot be decoded, or its parts do not follow each other as its format says.
    MissingExtra
        The photo is HEIC and the extra ``heic`` is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pawlens.photos import without_metadata
    >>> photo = Path("photos/train/cat.0.jpg").read_bytes()
    >>> copy, kind = without_metadata(photo)
    >>> kind, bool((decode(copy) == decode(photo)).all())
    ('JPEG', True)
    """
    _, orientation = colours(data)
    kind = sniff(data[:HEAD_BYTES])
    take = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "GIF": _gif}.get(kind or "")
    if take is None:
        return _as_png(data), "PNG"
    try:
        return b"".join(take(data, _exif(orientation))), str(kind)
    except (IndexError, struct.error) as error:
        raise UnreadablePhoto(f"{kind} is cut short: its parts do not fit the file") from error


def _exif(orientation: int) -> bytes:
    """EXIF that says how a photo is turned and nothing else; empty for an upright one."""
    if orientation == 1:
        return b""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def _jpeg(data: bytes, exif: bytes) -> Iterator[bytes]:
    yield data[:2]
    if exif:
        body = b"Exif\0\0" + exif
        yield bytes([0xFF, _APP1]) + struct.pack(">H", len(body) + 2) + body
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise UnreadablePhoto("JPEG is damaged: a part does not begin with a marker")
        while data[at + 1] == 0xFF:  # padding
            at += 1
        marker = data[at + 1]
        if marker == _EOI:
            yield data[at : at + 2]
            return
        if marker in _ALONE:
            yield data[at : at + 2]
            at += 2
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : end]
        if marker == _SOS:
            end = _end_of_scan(data, end)
            yield data[at:end]
        elif marker == _APP0 and body.startswith(b"JFIF\0"):
            yield data[at : at + 2] + struct.pack(">H", 16) + body[:12] + b"\0\0"  # no thumbnail
        elif marker == _APP14 and body.startswith(b"Adobe"):  # how colours are coded, 12 bytes
            yield data[at : at + 2] + struct.pack(">H", 14) + body[:12]
        elif not (_APP0 <= marker <= _APP15 or marker == _COM) or _is_profile(marker, body):
            yield data[at:end]
        at = end


def _is_profile(marker: int, body: bytes) -> bool:
    """Whether an application's part is a piece of a colour profile."""
    return marker == _APP2 and body.startswith(b"ICC_PROFILE\0")


def _end_of_scan(data: bytes, start: int) -> int:
    """Find the marker that ends the coded pixels; the file's end where it is cut short."""
    at = start
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] not in (0x00, *range(0xD0, 0xD8), 0xFF):
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    return len(data)


def _png(data: bytes, exif: bytes) -> Iterator[bytes]:
    from zlib import crc32

    yield data[:8]
    at = 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise UnreadablePhoto("PNG is cut short: its parts do not fit the file")
        if name in _PNG_KEPT:
            yield data[at:end]
        if name == b"IHDR" and exif:
            yield struct.pack(">I", len(exif)) + b"eXIf" + exif
            yield struct.pack(">I", crc32(b"eXIf" + exif))
        if name == b"IEND":
            return
        at = end


def _webp(data: bytes, exif: bytes) -> Iterator[bytes]:
    kept, at = [], 12
    last = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= last:
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if name in _WEBP_KEPT:
            part = data[at:end]
            if name == b"VP8X":
                flags = part[8] & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
                part = part[:8] + bytes([flags]) + part[9:]
            kept.append(part)
        at = end
    if exif:  # only the extended form, which then has a VP8X, can say how it is turned
        kept.append(b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2))
    size = 4 + sum(map(len, kept))
    yield b"RIFF" + struct.pack("<I", size) + b"WEBP"
    yield from kept


def _gif(data: bytes, exif: bytes) -> Iterator[bytes]:
    at = 13 + _palette(data[10])
    yield data[:at]
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            yield data[at : at + 1]
            return
        if kind == 0x2C:
            end = _end_of_blocks(data, at + 11 + _palette(data[at + 9]))
            kept = True
        elif kind == 0x21:
            end = _end_of_blocks(data, at + 2)
            loops = data[at + 1] == 0xFF and data[at + 3 : at + 14] in _LOOPS
            kept = data[at + 1] == 0xF9 or loops
        else:
            raise UnreadablePhoto("GIF is damaged: a part is of no known kind")
        if kept:
            yield data[at:end]
        at = end


def _palette(flags: int) -> int:
    """Bytes of the palette that a byte of flags announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    """Find the end of blocks, each of which begins with its length; one of length 0 is the last."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _as_png(data: bytes) -> bytes:
    from PIL import Image

    sink = io.BytesIO()
    Image.fromarray(decode(data)).save(sink, "PNG")
    return sink.getvalue()
