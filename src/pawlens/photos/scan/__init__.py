"""What photos show of themselves: headers, hashes, copies, sizes, traits and thumbnails."""

from ._copies import contradict, find_originals, in_other_splits, same_bytes_groups
from ._headers import Header, read_headers
from ._near_duplicates import near_duplicate_groups
from ._scan import FirstLook, Scan, is_unreachable, scan_photos
from ._shapes import Shapes, measure_shapes
from ._thumbnails import Side, Thumbnail, jpeg, make_thumbnail, make_thumbnails, thumbnail_of
from ._traits import Traits, read_traits

__all__ = [
    "FirstLook",
    "Header",
    "Scan",
    "Shapes",
    "Side",
    "Thumbnail",
    "Traits",
    "contradict",
    "find_originals",
    "in_other_splits",
    "is_unreachable",
    "jpeg",
    "make_thumbnail",
    "make_thumbnails",
    "measure_shapes",
    "near_duplicate_groups",
    "read_headers",
    "read_traits",
    "same_bytes_groups",
    "scan_photos",
    "thumbnail_of",
]
