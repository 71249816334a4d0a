"""The table of photos: sources, the one decoder, thumbnails, scans, shapes, roles and folds."""

from ._addresses import address_of, place_of, without_secrets
from ._as_photos import PhotosLike, as_photos
from ._borders import BORDER_RULE, BorderRule, find_border, trim
from ._copies import contradict, find_originals, in_other_splits, same_bytes_groups
from ._counts import Counts
from ._decode import MAX_PIXELS, decode, probe
from ._exploration import Exploration, explore
from ._folds import assign_folds, assign_label_folds, folds_possible
from ._group_hints import suggest_groups
from ._groups import given_groups, join_groups, with_groups
from ._headers import read_headers
from ._label_sets import as_targets
from ._list_names import name_key, path_rank
from ._list_text import read_cells
from ._near_duplicates import near_duplicate_groups
from ._photo import NONE, Photo, is_none, natural_key
from ._photos import Photos
from ._pinned import pinned
from ._private import PLACE, coarse_place, private_facts
from ._resize import resize
from ._scan import FirstLook, Scan, is_unreachable, scan_photos
from ._shapes import Shapes, measure_shapes
from ._shortcuts import Shortcut, find_shortcuts, shortcut_notes
from ._square import SPARE, Scale, Window, square, squares
from ._stores import Skipped
from ._strip import without_metadata
from ._table import TINY_PIXELS, Finding, Table, assign_roles, prepare_table, right_extension
from ._thumbnails import Side, Thumbnail, jpeg, make_thumbnail, make_thumbnails, thumbnail_of
from ._what_was_read import what_was_read

__all__ = [
    "BORDER_RULE",
    "MAX_PIXELS",
    "NONE",
    "PLACE",
    "SPARE",
    "TINY_PIXELS",
    "BorderRule",
    "Counts",
    "Exploration",
    "Finding",
    "FirstLook",
    "Photo",
    "Photos",
    "PhotosLike",
    "Scale",
    "Scan",
    "Shapes",
    "Shortcut",
    "Side",
    "Skipped",
    "Table",
    "Thumbnail",
    "Window",
    "address_of",
    "as_photos",
    "as_targets",
    "assign_folds",
    "assign_label_folds",
    "assign_roles",
    "coarse_place",
    "contradict",
    "decode",
    "explore",
    "find_border",
    "find_originals",
    "find_shortcuts",
    "folds_possible",
    "given_groups",
    "in_other_splits",
    "is_none",
    "is_unreachable",
    "join_groups",
    "jpeg",
    "make_thumbnail",
    "make_thumbnails",
    "measure_shapes",
    "name_key",
    "natural_key",
    "near_duplicate_groups",
    "path_rank",
    "pinned",
    "place_of",
    "prepare_table",
    "private_facts",
    "probe",
    "read_cells",
    "read_headers",
    "resize",
    "right_extension",
    "same_bytes_groups",
    "scan_photos",
    "shortcut_notes",
    "square",
    "squares",
    "suggest_groups",
    "thumbnail_of",
    "trim",
    "what_was_read",
    "with_groups",
    "without_metadata",
    "without_secrets",
]
