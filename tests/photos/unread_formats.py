"""Files of formats that are recognised and not read."""

from __future__ import annotations

import io

from PIL import Image


def saved(kind: str) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (24, 24), (90, 10, 10)).save(sink, kind)
    return sink.getvalue()


JPEG = saved("JPEG")
BY_CONTENT = {
    "JPEG 2000": saved("JPEG2000"),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ",
    "a Netpbm picture (PPM, PGM, PBM)": saved("PPM"),
    "a DICOM picture": b"\0" * 128 + b"DICM\x02\0",
    "an icon": saved("ICO"),
    "DDS": saved("DDS"),
    "a Photoshop or GIMP file": b"8BPS\0\x01",
    "OpenEXR": b"v/1\x01\x02\0\0\0",
    "Radiance HDR": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
    "SVG, a drawing": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- cat -->\n<svg xmlns="x"/>',
    "a camera's raw file": b"II*\0\x10\0\0\0CR\x02\0",
    "a video": b"\0\0\0\x1cftypisom\0\0\0\0",
}
BY_ENDING = {
    "TGA": ("1.TGA", saved("TGA")),
    "a camera's raw file": ("1.nef", saved("TIFF")),
    "PCX": ("1.pcx", saved("PCX")),
    "a drawing (EPS, WMF, EMF)": ("1.eps", b"%!PS-Adobe-3.0 EPSF-3.0"),
}
