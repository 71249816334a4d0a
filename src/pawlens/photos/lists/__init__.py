"""Lists of labels: rows, what columns mean, which photo a row names, which list is believed."""

from ._beside_zips import list_beside_zips, list_of_zip, lists_beside
from ._candidates import find_lists
from ._columns import NO_LABEL, ColumnNames, ListColumns
from ._join import Candidate, joined, together
from ._json import cell_of, parse_json
from ._known_names import bare, is_label, name_key, path_rank
from ._labels import is_not_known
from ._lists import BY_NAME, LIST_SUFFIXES, WORKBOOKS, Listing, read_list, read_rows, split_of_file
from ._parquet import ParquetList, holds_pictures
from ._splits import lists_of_splits, splits_of_lists
from ._text import read_cells
from ._trust import how_to_take, says_labels, serves
from ._verdict import judge

__all__ = [
    "BY_NAME",
    "LIST_SUFFIXES",
    "NO_LABEL",
    "WORKBOOKS",
    "Candidate",
    "ColumnNames",
    "ListColumns",
    "Listing",
    "ParquetList",
    "bare",
    "cell_of",
    "find_lists",
    "holds_pictures",
    "how_to_take",
    "is_label",
    "is_not_known",
    "joined",
    "judge",
    "list_beside_zips",
    "list_of_zip",
    "lists_beside",
    "lists_of_splits",
    "name_key",
    "parse_json",
    "path_rank",
    "read_cells",
    "read_list",
    "read_rows",
    "says_labels",
    "serves",
    "split_of_file",
    "splits_of_lists",
    "together",
]
