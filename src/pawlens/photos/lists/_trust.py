"""Whether what a list says of its photos is sure to be their labels."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from ._columns import ListColumns
from ._known_names import is_label, name_key
from ._lines import A_PHOTO

__all__ = ["are_names_of_classes", "how_to_take", "says_labels", "serves"]

_OF_LABELS = re.compile(
    r"(?i)(^|[^a-z])(labels?|annotations?|classes|targets?|truth)([^a-z]|$)|[a-z](Labels?|Classes)"
)
_OF_CLASSES = re.compile(
    r"(?i)(^|[^a-z])(label|class|category|categories|id|idx|index)(es)?[-_ ]?"
    r"(map(ping)?|names?|ids?|index|indices|idx|dict|(2|to)[-_ ]?(id|idx|index|label|class|name)s?)"
    r"|(^|[-_ ])(classes|categories|words|synsets?)$"
)
_BOXES = """
xmin xmax ymin ymax x1 x2 y1 y2 x0 y0 bbox bboxes box boxes boundingbox bndbox polygon
bboxx bboxy bboxwidth bboxheight segmentation keypoints
"""
_BOX = frozenset(_BOXES.split())
_CORNER = {"x", "y"}, {"left", "top"}, {"xcenter", "ycenter"}, {"cx", "cy"}
_SIZE = {"w", "h"}, {"width", "height"}


def says_labels(columns: ListColumns, name: str, data: bytes = b"") -> bool:
    """Return whether a list is sure to tell labels: by the name of its column, or by its own.

    A column that may be called so for another reason (``type``, ``animal``, ``y``), columns of 0
    and 1, and what stands in a table of boxes say something of photos that may be anything.

    Parameters
    ----------
    columns : ListColumns
    name : str
        The list's own name, which counts where it names no columns.
    data : bytes
        What the list's file holds: JSON tells boxes by a key.
    """
    if columns.label is None:
        return False
    if b'"bbox"' in data:
        return False
    unnamed = PurePosixPath(name).suffix.lower() == ".json" and b'"label' not in data
    if not columns.names or (unnamed and data):
        return bool(_OF_LABELS.search(PurePosixPath(name).stem))
    keys = {name_key(one) for one in columns.names}
    corner, size = (any(names <= keys for names in kind) for kind in (_CORNER, _SIZE))
    if _BOX & keys or (corner and size):
        return False
    own = columns.name(columns.label)
    return is_label(own) or name_key(own) == "choice"


def how_to_take(columns: ListColumns) -> str:
    """Say how a person takes the labels of a list that is not sure to tell them."""
    if columns.label is None and not columns.one_hot:
        return "--label-column takes one of its columns instead"
    if not columns.names:
        return "name the list alone to take them from it"
    names = [columns.name(columns.label)] if columns.label is not None else columns.one_hot.values()
    return f"--label-column {shlex.quote(','.join(names))} takes them from the list"


def serves(columns: ListColumns) -> str:
    """Say what else the column is good for that is not taken as labels."""
    if columns.label is None or not columns.names:
        return ""
    own = columns.name(columns.label)
    return f"; --group {shlex.quote(own)} keeps photos together by it"


def are_names_of_classes(rows: Sequence[Sequence[str]], name: str, data: bytes, count: int) -> bool:
    """Return whether rows give names to the numbers of classes, and not labels to photos.

    Parameters
    ----------
    rows : sequence of sequence of str
        A number, id or word and one other cell each, perhaps below a header.
    name : str
        The file's name.
    data : bytes
        What the file holds: an object of JSON is a map, a table only under the name of one.
    count : int
        The number of photos.

    Returns
    -------
    bool
        True where no first cell has the ending of a photo, no two rows say the same, there are
        fewer rows than photos, and the file is a map, or counts from 0 or 1.
    """
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix.lower()
    is_object = suffix == ".json" and data.lstrip()[:1] == b"{"
    as_object = is_object and list(rows[:1]) == [["path", "label"]]
    below = rows[1:] if as_object else rows
    if not (as_object or _OF_CLASSES.search(stem) or (2 * len(below) <= count and _counts(below))):
        return False
    if not 0 < len(below) < count or any(len(row) < 2 for row in below):
        return False
    if any(A_PHOTO.search(row[0]) for row in below):
        return False
    return all(len({row[i] for row in below}) == len(below) for i in (0, 1))


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows are numbers in a row and a word each."""
    if not all(len(row) == 2 and row[0].isdecimal() and not row[1].isdecimal() for row in rows):
        return False
    numbers = [int(row[0]) for row in rows]
    return numbers in ([*range(len(rows))], [*range(1, len(rows) + 1)])
