"""What a photo's file says of people and places beside its pixels, told without its values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PIL import Image

from ._decode import opened

__all__ = ["PLACE", "coarse_place", "private_facts"]

PLACE = "where it was taken (GPS)"
"""What is said of a photo whose metadata have a position."""

_GPS_IFD, _EXIF_IFD, _THUMBNAIL_IFD = 0x8825, 0x8769, 1
_POSITION = (2, 4)  # latitude, longitude
_NAMED = {
    0xA431: "the camera's serial number",
    0xC62F: "the camera's serial number",
    0xA435: "the lens's serial number",
    0xA430: "the owner's name",
    0x013B: "the photographer's name",
    0x9C9D: "the photographer's name",
    0x927C: "a maker's note, which may hold serial numbers",
    0xA420: "a number of this photo alone",
}
_IN_TEXT = (
    (re.compile(rb"GPS(?:Latitude|Longitude|Position)"), PLACE),
    (re.compile(rb"SerialNumber"), "the camera's serial number"),
    (re.compile(rb"OwnerName"), "the owner's name"),
    (re.compile(rb"dc:creator|photoshop:Credit"), "the photographer's name"),
)


def private_facts(data: bytes) -> tuple[str, ...]:
    """Name what the metadata of a photo give away, each once: never a value.

    EXIF, XMP and IPTC are looked at. Only the header is read.

    Parameters
    ----------
    data : bytes
        Content of the whole file.

    Returns
    -------
    tuple of str
        Such as ``("where it was taken (GPS)", "the camera's serial number")``.

    Raises
    ------
    UnreadablePhoto
        As `pawlens.decode` does.
    MissingExtra
        Likewise.
    """
    with opened(data) as image:
        return tuple(dict.fromkeys([*_of_exif(image), *_of_text(image)]))


def coarse_place(data: bytes) -> str:
    """Read where a photo was taken to a whole degree, some 100 km: for whoever asks for slices.

    Returns
    -------
    str
        Such as ``48 N 16 E``; empty where EXIF does not say, or says what is no place.

    Raises
    ------
    UnreadablePhoto
        As `pawlens.decode` does.
    MissingExtra
        Likewise.
    """
    with opened(data) as image:
        place = image.getexif().get_ifd(_GPS_IFD)
        try:
            degrees = [round(float(place[tag][0]) + float(place[tag][1]) / 60) for tag in _POSITION]
            north, east = (str(place[tag]).strip("\0 ").upper()[:1] for tag in (1, 3))
        except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, OverflowError):
            return ""
    fits = 0 <= degrees[0] <= 90 and 0 <= degrees[1] <= 180 and north in "NS" and east in "EW"
    return f"{degrees[0]} {north} {degrees[1]} {east}" if fits else ""


def _of_exif(image: Image.Image) -> Iterator[str]:
    exif = image.getexif()
    if any(tag in _POSITION for tag in exif.get_ifd(_GPS_IFD)):
        yield PLACE
    for tag, value in {**exif, **exif.get_ifd(_EXIF_IFD)}.items():
        if tag in _NAMED and value not in (None, "", b""):
            yield _NAMED[tag]
    if 0x0201 in exif.get_ifd(_THUMBNAIL_IFD):
        yield "a small picture of it, perhaps from before it was cropped"


def _of_text(image: Image.Image) -> Iterator[str]:
    """Look through XMP, and through the raw profiles that some programs put into PNG."""
    texts = [image.info.get("xmp"), image.info.get("XML:com.adobe.xmp")]
    for text in texts:
        found = text.encode("utf-8", "replace") if isinstance(text, str) else text
        if isinstance(found, bytes):
            yield from (fact for pattern, fact in _IN_TEXT if pattern.search(found))
    if image.info.get("photoshop"):
        yield "notes of an editor (IPTC), which may hold names and places"
