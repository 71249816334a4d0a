"""Picture formats: those that are read, and those that are only recognised, by content and ending.

A file whose format is only recognised keeps its row, with the reason why it is not read: a class
must not vanish because its photos are JPEG XL.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

__all__ = [
    "HEAD_BYTES",
    "PHOTO_ENDING",
    "PICTURE_ENDINGS",
    "describe_other",
    "looks_like_photo",
    "name_unread",
    "right_extension",
    "sniff",
    "why_not_photo",
    "why_unread",
]

HEAD_BYTES = 256
"""Number of first bytes that tell the format of a file."""

_READ = """
.jpg .jpeg .jpe .jfif .png .apng .gif .webp .bmp .dib .tif .tiff .heic .heif .hif .mpo .avif
"""
_EXTENSIONS_OF = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "HEIC": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
}
_NOT_PHOTOS = """
.txt .csv .tsv .json .jsonl .parquet .md .html .xml .yaml .yml .py .ipynb .log .onnx
"""
_ARCHIVES = ".zip .tar .tgz .gz .bz2 .xz .7z .rar"
_UNREAD_ENDINGS = {
    "JPEG 2000": ".jp2 .j2k .j2c .jpx .jpf .jpm",
    "JPEG XL": ".jxl",
    "JPEG XR": ".jxr .wdp .hdp",
    "a Netpbm picture (PPM, PGM, PBM)": ".ppm .pgm .pbm .pnm .pam .pfm",
    "TGA": ".tga .targa",
    "PCX": ".pcx",
    "SGI": ".sgi",
    "a DICOM picture": ".dcm .dicom",
    "a medical volume": ".nii .nrrd .mha .mhd",
    "a camera's raw file": (
        ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .kdc .mef .mos .mrw .nef .nrw .orf "
        ".pef .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f"
    ),
    "SVG, a drawing": ".svg .svgz",
    "a drawing (EPS, WMF, EMF)": ".eps .wmf .emf",
    "a Photoshop or GIMP file": ".psd .psb .xcf",
    "an icon": ".ico .cur .icns",
    "OpenEXR": ".exr",
    "Radiance HDR": ".hdr",
    "DDS": ".dds",
    "FITS": ".fits .fit .fts",
    "QOI": ".qoi",
    "FLIF": ".flif",
    "BPG": ".bpg",
    "DjVu": ".djvu .djv",
    "MNG or JNG": ".mng .jng",
    "a video": (
        ".mp4 .m4v .mov .avi .mkv .webm .wmv .flv .mpg .mpeg .3gp .3g2 .mts .m2ts .ogv .vob"
    ),
}
_UNREAD_BY_ENDING = {e: name for name, ends in _UNREAD_ENDINGS.items() for e in ends.split()}
PICTURE_ENDINGS = (*_READ.split(), *_UNREAD_BY_ENDING)
"""Endings of pictures, with their dots: of those that are read, and those that are recognised."""
PHOTO_ENDING = re.compile(rf"\.({'|'.join(ending[1:] for ending in PICTURE_ENDINGS)})$", re.I)
"""One of them, at the end of a name."""

_UNREAD_STARTS = (
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"II\xbc", "JPEG XR"),
    (b"8BPS", "a Photoshop or GIMP file"),
    (b"gimp xcf", "a Photoshop or GIMP file"),
    (b"\0\0\x01\0", "an icon"),
    (b"icns", "an icon"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"DDS ", "DDS"),
    (b"SIMPLE  =", "FITS"),
    (b"qoif", "QOI"),
    (b"FLIF", "FLIF"),
    (b"BPG\xfb", "BPG"),
    (b"AT&TFORM", "DjVu"),
    (b"\x8aMNG", "MNG or JNG"),
    (b"\x8bJNG", "MNG or JNG"),
    (b"IIRO", "a camera's raw file"),
    (b"IIRS", "a camera's raw file"),
    (b"MMOR", "a camera's raw file"),
    (b"IIU\0", "a camera's raw file"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file"),
    (b"FOVb", "a camera's raw file"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\0\0\x01\xba", "a video"),
    (b"\0\0\x01\xb3", "a video"),
    (b"FLV\x01", "a video"),
)
_NETPBM = re.compile(rb"P(?:[1-6]\s+(?:#|\d)|7\s+WIDTH|[Ff]\s+\d)")
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!DOCTYPE )?svg\b", re.S
)

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis")
_AVIF_BRANDS = (b"avif", b"avis")
_GENERIC_BRANDS = (b"mif1", b"msf1")  # HEIC or AVIF, as the compatible brands say
_NOT_VIDEO_BRANDS = {b"crx ": "a camera's raw file", b"jp2 ": "JPEG 2000", b"jxl ": "JPEG XL"}


def sniff(head: bytes) -> str | None:
    """Name the format that is read from the first `HEAD_BYTES` bytes of a file (12 at least)."""
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
    if head[:4] in (b"II*\x00", b"MM\x00*") and head[8:10] != b"CR":
        return "TIFF"
    if head[:4] in (b"II+\x00", b"MM\x00+"):  # BigTIFF
        return "TIFF"
    return _sniff_boxes(head)


def _sniff_boxes(head: bytes) -> str | None:
    """Tell HEIC from AVIF: both are boxes of ISO base media, told apart by their brands."""
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in _GENERIC_BRANDS:
        others = head[16 : int.from_bytes(head[:4])]
        brand = b"avif" if b"avif" in others and b"heic" not in others else b"heic"
    if brand in _HEIC_BRANDS:
        return "HEIC"
    return "AVIF" if brand in _AVIF_BRANDS else None


def looks_like_photo(head: bytes) -> bool:
    """Whether the first bytes are those of a photo that is read, whatever the file is called."""
    return sniff(head) is not None


def name_unread(head: bytes, path: str = "") -> str | None:
    """Name a picture or video format that is recognised but not read, or return None.

    Parameters
    ----------
    head : bytes
        First bytes of the file, up to `HEAD_BYTES`.
    path : str
        The file's path, whose ending decides where the content does not: TGA has no mark, and most
        raw files of cameras are TIFF inside, with a preview that must not pass for the photo.
    """
    by_ending = _UNREAD_BY_ENDING.get(PurePosixPath(path).suffix.lower())
    kind = sniff(head)
    if kind not in (None, "TIFF"):
        return None
    if kind == "TIFF" or by_ending is not None:
        return by_ending
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return "a camera's raw file"
    for start, name in _UNREAD_STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return _NOT_VIDEO_BRANDS.get(head[8:12], "a video")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "a video"
    if head[128:132] == b"DICM":
        return "a DICOM picture"
    if _NETPBM.match(head):
        return "a Netpbm picture (PPM, PGM, PBM)"
    return "SVG, a drawing" if _SVG.match(head) else None


def describe_other(head: bytes) -> str:
    """Say what a file is whose first bytes are of no picture, as far as that is plain."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS, in place of the file; fetch it with git lfs pull"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page, perhaps what a server answered instead of the file"
    if text.startswith(b"%pdf"):
        return "a PDF; save its pages as JPEG or PNG"
    if not head.strip(b"\0"):
        return "its first bytes are all zero; it was not copied or downloaded whole"
    return "its first bytes are of no known picture format"


def why_unread(name: str) -> str:
    """Say in words why a photo of a format that `name_unread` named has no pixels."""
    mend = "save some of its frames" if name == "a video" else "save it"
    return f"{name}, which is not read; {mend} as JPEG or PNG"


def why_not_photo(path: str) -> str | None:
    """Say by its ending why a file is no photo; empty for a photo, None where its content tells."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _READ.split():
        return ""
    if suffix in _ARCHIVES.split():
        return "an archive inside; unpack it and name it by itself"
    return "not a photo" if suffix in _NOT_PHOTOS.split() else None


def right_extension(path: str, kind: str) -> bool:
    """Return whether a file's extension fits the format that was found in its content."""
    suffix = PurePosixPath(path).suffix.lower()
    return not suffix or suffix in _EXTENSIONS_OF.get(kind, (suffix,))
