"""The table of photos: sources, the one decoder, thumbnails, scans, shapes, roles and folds."""

from ._as_photos import PhotosLike, as_photos
from ._borders import BORDER_RULE, BorderRule, find_border, trim
from ._copies import contradict, find_originals, in_other_splits, same_bytes_groups
from ._counts import Counts
from ._decode import MAX_PIXELS, decode, probe
from ._exploration import Exploration, explore
from ._headers import read_headers
from ._label_sets import NONE, as_targets, assign_label_folds, is_none
from ._list_names import name_key, path_rank
from ._list_text import read_cells
from ._photo import Photo, natural_key
from ._photos import Photos
from ._pinned import pinned
from ._resize import resize
from ._scan import Scan, scan_photos
from ._shapes import Shapes, measure_shapes
from ._shortcuts import Shortcut, find_shortcuts, shortcut_notes
from ._splits import assign_folds, near_duplicate_groups
from ._square import SPARE, Window, square
from ._stores import Skipped
from ._table import TINY_PIXELS, Finding, Table, assign_roles, prepare_table, right_extension
from ._thumbnails import Side, Thumbnail, jpeg, make_thumbnail, make_thumbnails, thumbnail_of
from ._what_was_read import what_was_read

__all__ = [
    "BORDER_RULE",
    "MAX_PIXELS",
    "NONE",
    "SPARE",
    "TINY_PIXELS",
    "BorderRule",
    "Counts",
    "Exploration",
    "Finding",
    "Photo",
    "Photos",
    "PhotosLike",
    "Scan",
    "Shapes",
    "Shortcut",
    "Side",
    "Skipped",
    "Table",
    "Thumbnail",
    "Window",
    "as_photos",
    "as_targets",
    "assign_folds",
    "assign_label_folds",
    "assign_roles",
    "contradict",
    "decode",
    "explore",
    "find_border",
    "find_originals",
    "find_shortcuts",
    "in_other_splits",
    "is_none",
    "jpeg",
    "make_thumbnail",
    "make_thumbnails",
    "measure_shapes",
    "name_key",
    "natural_key",
    "near_duplicate_groups",
    "path_rank",
    "pinned",
    "prepare_table",
    "probe",
    "read_cells",
    "read_headers",
    "resize",
    "right_extension",
    "same_bytes_groups",
    "scan_photos",
    "shortcut_notes",
    "square",
    "thumbnail_of",
    "trim",
    "what_was_read",
]
