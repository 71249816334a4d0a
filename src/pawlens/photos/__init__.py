"""The table of photos: sources, the one decoder, scans, splits and drawn samples."""

from ._borders import BORDER_RULE, BorderRule, find_border, trim
from ._decode import MAX_BYTES, MAX_PIXELS, decode
from ._photo import Photo, natural_key
from ._photos import Photos, Skipped
from ._resize import resize
from ._rulings import Ruling
from ._samples import draw_samples
from ._scan import Scan, scan_photos
from ._several import NONE, as_targets, assign_label_folds, is_none
from ._splits import assign_folds, near_duplicate_groups
from ._table import (
    TINY_PIXELS,
    Finding,
    Table,
    assign_roles,
    prepare_table,
    right_extension,
)

__all__ = [
    "BORDER_RULE",
    "MAX_BYTES",
    "MAX_PIXELS",
    "NONE",
    "TINY_PIXELS",
    "BorderRule",
    "Finding",
    "Photo",
    "Photos",
    "Ruling",
    "Scan",
    "Skipped",
    "Table",
    "as_targets",
    "assign_folds",
    "assign_label_folds",
    "assign_roles",
    "decode",
    "draw_samples",
    "find_border",
    "is_none",
    "natural_key",
    "near_duplicate_groups",
    "prepare_table",
    "resize",
    "right_extension",
    "scan_photos",
    "trim",
]
