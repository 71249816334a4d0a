"""Signs that photos belong together although no groups were given, and the option to give them."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath
from statistics import median

from ...base import first_few
from .._photos import Photos
from ..groups import bursts, subject_folders
from ..scan import Header

__all__ = ["suggest_groups"]

_LEAST_GROUPS = 4
_FEWEST, _MOST = 2, 20  # photos of a usual group
_NEARLY_ALL = 0.8
_OFTEN = 0.05
_DIGITS = 15  # of a number that are read
_SUBJECTS = re.compile(
    r"animal|patient|subject|person|participant|individual|camera|device|burst|video|clip|sequence"
    r"|session|series|specimen|group|scene|visit|owner|donor|plant|slide|case_?id|pet_?id|user_?id"
)
_NUMBERED = re.compile(r"(?P<subject>.*[^\W_])(?P<mark>[-_. ])(?P<word>[a-zA-Z]*)(?P<number>\d+)")
_LETTERS = re.compile(r"(?P<subject>[^\W\d_]+)(?P<mark>)(?P<word>)(?P<number>\d+)")


def suggest_groups(photos: Photos, headers: Sequence[Header] = ()) -> list[str]:
    """Say what suggests groups that were not given, each with the option that gives them.

    Parameters
    ----------
    photos : Photos
    headers : sequence of Header
        Their headers, for bursts; without them these are not looked for.

    Returns
    -------
    list of str
        Sentences; none where groups were given, or where nothing suggests any.
    """
    if any(photo.group for photo in photos):
        return []
    found = [_column(photos), _folders(photos), _names(photos)]
    if headers:
        found.append(_bursts(photos, headers))
    return [sentence for sentence in found if sentence]


def _sentence(what: str, groups: int, option: str) -> str:
    return (
        f"{what}: if photos of one are of the same subject, numbers are too good for new ones, as "
        f"the {groups:,} groups stand on both sides of the folds; add {option} to keep them whole"
    )


def _column(photos: Photos) -> str | None:
    """Suggest a column of the list whose name or values are those of subjects."""
    for name, values in photos.further.items():
        groups = _gathered(photos, [values.get(path) for path in photos.paths])
        named = bool(_SUBJECTS.search(name.casefold())) and len(groups) > 1
        shared = named and max(map(len, groups.values())) > 1
        if shared or _look_like_subjects(photos, groups):
            what = f"the list has a column {name!r} with {len(groups):,} values"
            return _sentence(what, len(groups), f"--group {shlex.quote(name)}")
    return None


def _folders(photos: Photos) -> str | None:
    """Suggest the folders beneath those of the classes."""
    groups = _gathered(photos, subject_folders(photos, in_classes=True))
    shared = [name for name, own in groups.items() if len(own) > 1]
    if len(groups) < 2 or not shared:
        return None
    what = f"{len(groups):,} folders lie beneath those of the classes ({first_few(shared)})"
    return _sentence(what, len(groups), "--group folder")


def _names(photos: Photos) -> str | None:
    """Suggest a pattern where names are subjects with a few consecutive numbers each.

    A prefix that most photos of a class share (``cat.12``, ``Bengal_7``, ``IMG_0012``) is none.
    """
    stems = [PurePosixPath(path).stem for path in photos.paths]
    for form in (_NUMBERED, _LETTERS):
        matches = [form.fullmatch(stem) for stem in stems]
        groups = _gathered(photos, [match and match["subject"] for match in matches])
        if not (_look_like_subjects(photos, groups) and _consecutive(groups, matches)):
            continue
        one = next(match for match in matches if match)
        before = r"(\w+)" if all(re.fullmatch(r"\w+", name) for name in groups) else "(.+)"
        if form is _LETTERS:
            pattern = r"([^\W\d_]+)\d+"
        else:
            word = "[a-zA-Z]*" if any(match and match["word"] for match in matches) else ""
            marks = {match["mark"] for match in matches if match}
            mark = one["mark"].replace(".", "[.]") if len(marks) == 1 else "[-_. ]"
            pattern = rf"{before}{mark}{word}\d+"
        what = f"names such as {one.string!r} have {len(groups):,} beginnings with a few numbers"
        return _sentence(f"{what} each", len(groups), f"--group-name {shlex.quote(pattern)}")
    return None


def _look_like_subjects(photos: Photos, groups: dict[str, list[int]]) -> bool:
    """Return whether nearly all photos are of groups of a few photos, each of one class."""
    several = {name: own for name, own in groups.items() if len(own) > 1}
    if len(several) < max(_LEAST_GROUPS, len(photos.classes) + 1):
        return False
    if sum(map(len, several.values())) < _NEARLY_ALL * len(photos):
        return False
    if not _FEWEST <= median(map(len, several.values())) <= _MOST:
        return False
    of_one_class = sum(len({photos[row].labels for row in own}) == 1 for own in several.values())
    return of_one_class >= _NEARLY_ALL * len(several)


def _consecutive(groups: dict[str, list[int]], matches: Sequence[re.Match[str] | None]) -> bool:
    """Return whether the numbers behind nearly all beginnings are close together."""
    numbers = [
        [int(match["number"][:_DIGITS]) for row in own if (match := matches[row])]
        for own in groups.values()
    ]
    close = sum(max(own) - min(own) <= 2 * len(own) for own in numbers)
    return close >= _NEARLY_ALL * len(groups)


def _bursts(photos: Photos, headers: Sequence[Header]) -> str | None:
    """Suggest bursts, by the camera and the time of the photos."""
    groups = _gathered(
        photos, bursts([(f"{one.camera} {one.serial}".strip(), one.taken) for one in headers])
    )
    count = sum(map(len, groups.values()))
    if count < max(_FEWEST, _OFTEN * len(photos)):
        return None
    what = f"{count:,} photos were taken within 3 seconds of another one by the same camera"
    return _sentence(what, len(groups), "--group burst")


def _gathered(photos: Photos, names: Sequence[str | None]) -> dict[str, list[int]]:
    """Return the rows of the labelled photos of each name."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        if name and photos[row].labels:
            rows[name].append(row)
    return rows
