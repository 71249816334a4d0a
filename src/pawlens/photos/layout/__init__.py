"""What folders and names of files say: classes, parts, splits, and what is no class."""

from ._folder_names import (
    SPLIT_NAMES,
    as_folds,
    as_splits,
    is_generic,
    is_numbered,
    is_of_the_system,
    loose_name,
    plain_name,
    split_of,
    split_words,
)
from ._layout import check_spellings, check_splits, read_layout
from ._part_names import as_dates, as_parts
from ._thumb_folders import thumbnail_folders
from ._told_labels import Told

__all__ = [
    "SPLIT_NAMES",
    "Told",
    "as_dates",
    "as_folds",
    "as_parts",
    "as_splits",
    "check_spellings",
    "check_splits",
    "is_generic",
    "is_numbered",
    "is_of_the_system",
    "loose_name",
    "plain_name",
    "read_layout",
    "split_of",
    "split_words",
    "thumbnail_folders",
]
