"""Columns of 0 and 1: a column for each label, or marks that say something else of the photos."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from ...base import first_few
from ..decoding import PHOTO_ENDING
from ._known_names import counts_up

__all__ = ["NUMBER", "is_mark", "is_one", "why_asked"]

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
"""A number in a cell."""

_ONE, _ZERO = frozenset(("1", "1.0", "true")), frozenset(("0", "0.0", "false"))
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])")
_DATE = re.compile(r"\d{4}[-/.:]\d\d?[-/.:]\d\d?.*|\d\d?[-/.]\d\d?[-/.]\d{2,4}.*")


def _several(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BESIDE = _several(
    """
    note notes comment comments remark remarks description caption title text keywords
    source site place location city country region habitat camera device lens scanner modality
    photographer author owner user uploader hospital clinic institution license licence copyright
    credit date time day month year timestamp hour season weather temperature
    age sex gender weight height width size area length depth channels format mode resolution dpi
    group patient subject individual person session batch series study visit lesion clip video
    frame burst sequence fold split set subset dataset partition usage phase follow
    lat latitude lon longitude lng elevation altitude
    md5 sha sha1 sha256 hash checksum bytes url link path file filename filepath uri
    view side laterality position orientation angle pose frontal lateral anatom anatomy
    localization pixel spacing bbox box xmin ymin xmax ymax
    """
)
"""Words in the names of columns that say something else of a photo than what its label does."""
_COUNTING = _several("id ids index no nr num number count order rank")
_FLAGS = _several(
    """
    verified checked reviewed approved confirmed corrected blurry blurred blur occluded occlusion
    truncated truncation difficult duplicate flipped augmented cropped
    """
)
_PEOPLE = _several(
    """
    annotator annotators rater reader expert doctor reviewer grader observer judge coder labeller
    labeler radiologist pathologist dermatologist physician worker voter vote person user
    """
)
_SHOWN = 6
_FEW = 4  # rows, of which each may have a label of its own
_AGREED = 0.2  # least share of photos of which all people say 1, and of which all say 0


def is_one(cell: str) -> bool:
    """Return whether a cell of a label's own column says that the photo has the label."""
    return cell.lower() in _ONE


def is_mark(cell: str) -> bool:
    """Return whether a cell holds 0 or 1, or false or true."""
    return cell.lower() in _ONE | _ZERO


def why_asked(marks: Mapping[str, Sequence[str]], others: Mapping[str, Sequence[str]]) -> str:
    """Say why columns of 0 and 1 may be something else than a column for each label.

    They are labels where no other column may be. Where each photo has exactly one 1 in three
    columns or more, they are, whatever stands beside them.

    Parameters
    ----------
    marks : mapping of str to sequence of str
        Name -> cells of each column that holds only 0 and 1.
    others : mapping of str to sequence of str
        Name -> cells of each other column that is not the photo or its split.

    Returns
    -------
    str
        What a person is asked, without the name of the list; empty where nothing is.
    """
    names = list(marks)
    shown = first_few(names, _SHOWN)
    rows = [tuple(map(is_one, row)) for row in zip(*marks.values(), strict=True)]
    if all(_words(name) & _PEOPLE for name in names) or _is_of_people(rows):
        return (
            f"columns {shown} hold 0 and 1, and seem to be what several people say of one "
            f"label; write what they agree on in a column 'label', or choose {_option(names)}"
        )
    exclusive = all(sum(row) == 1 for row in rows)
    plain = [name for name, cells in others.items() if _may_be_labels(name, cells)]
    same = exclusive and len(set(rows)) > 1
    plain = [name for name in plain if not (same and _says_the_same(others[name], rows))]
    if not any(map(any, rows)) or (others and len(rows) > 1 and len(set(rows)) == 1):
        told = f"; so may column {plain[0]!r}" if plain else ""
        return (
            f"columns {shown} hold the same for all photos, and are no labels{told}; name "
            "the column of labels with --label-column (label_column in Python)"
        )
    if exclusive:
        words = [name for name in plain if not all(map(NUMBER.fullmatch, others[name]))]
        plain = words if len(names) == 2 else []
    if plain:
        return (
            f"columns {shown} hold 0 and 1, and column {plain[0]!r} may hold the labels "
            f"too; choose {_option([plain[0]])} or {_option(names)}"
        )
    flags = [name for name in names if _words(name) & _FLAGS]
    if flags and not exclusive:
        rest = [name for name in names if name not in flags]
        which = first_few(flags, _SHOWN) if rest else "all of them"
        return (
            f"columns {shown} hold 0 and 1, and {which} may be no label; choose "
            f"--label-column {_listed(rest) if rest else 'none'} or {_option(names)}"
        )
    return ""


def _is_of_people(rows: Collection[tuple[bool, ...]]) -> bool:
    """Return whether three columns or more mostly say the same, be it 1 or 0."""
    if not rows or len(next(iter(rows))) < 3:
        return False
    ones, none = sum(map(all, rows)), sum(not any(row) for row in rows)
    return min(ones, none) >= _AGREED * len(rows) and 2 * (ones + none) > len(rows)


def _may_be_labels(name: str, cells: Sequence[str]) -> bool:
    """Return whether a column of an unknown name may hold labels, by its name and its cells."""
    words = _words(name)
    filled = [cell for cell in cells if cell]
    kinds = set(filled)
    if words & _BESIDE or (words and words <= _COUNTING):
        return False
    if len(kinds) < 2 or 2 * len(filled) < len(cells):
        return False
    if any("://" in cell or PHOTO_ENDING.search(cell) or _DATE.fullmatch(cell) for cell in kinds):
        return False
    if all(map(NUMBER.fullmatch, kinds)):
        return not counts_up(filled)
    return len(kinds) < len(filled) or len(filled) <= _FEW


def _says_the_same(cells: Sequence[str], rows: Sequence[tuple[bool, ...]]) -> bool:
    pairs = set(zip(cells, rows, strict=True))
    return len(pairs) == len(set(cells)) == len(set(rows))


def _words(name: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(name)}


def _option(names: Sequence[str]) -> str:
    return f"--label-column {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    shown = ",".join(names[:_SHOWN]) + (",..." if len(names) > _SHOWN else "")
    return repr(shown) if " " in shown else shown
