"""Files to pixels: the one decoder, resizing, borders, squares, facts beside the pixels."""

from ._borders import BORDER_RULE, BorderRule, find_border, trim
from ._decode import (
    MAX_BYTES,
    MAX_PIXELS,
    camera_facts,
    camera_of,
    decode,
    encoding,
    facts_of,
    opened,
    probe,
)
from ._formats import (
    HEAD_BYTES,
    PHOTO_ENDING,
    PICTURE_ENDINGS,
    looks_like_photo,
    name_unread,
    right_extension,
    why_not_photo,
    why_unread,
)
from ._pixels import orientation_of, read_pixels
from ._private import PLACE, coarse_place, private_facts
from ._resize import resize
from ._square import SPARE, Scale, Window, square, squares
from ._strip import without_metadata

__all__ = [
    "BORDER_RULE",
    "HEAD_BYTES",
    "MAX_BYTES",
    "MAX_PIXELS",
    "PHOTO_ENDING",
    "PICTURE_ENDINGS",
    "PLACE",
    "SPARE",
    "BorderRule",
    "Scale",
    "Window",
    "camera_facts",
    "camera_of",
    "coarse_place",
    "decode",
    "encoding",
    "facts_of",
    "find_border",
    "looks_like_photo",
    "name_unread",
    "opened",
    "orientation_of",
    "private_facts",
    "probe",
    "read_pixels",
    "resize",
    "right_extension",
    "square",
    "squares",
    "trim",
    "why_not_photo",
    "why_unread",
    "without_metadata",
]
