"""Names of folders that are parts of one collection: days, folders of cameras, numbered batches."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from .._photo import natural_key
from ._folder_names import as_folds, is_generic, numbered, split_words, word_set, words_of

__all__ = ["as_dates", "as_parts", "as_series", "has_no_word", "is_of_a_division", "series_among"]

_PARTS = word_set(
    "image images img imgs photo photos picture pictures pic pics part batch chunk shard archive "
    "folder dir set subset vol volume"
)
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_DATED = re.compile(
    rf"{_YEAR}(?:[-_. ]?[01]\d(?:[-_. ]?[0-3]\d)?)?(?:[-_. T]+\d+)*"  # 2024-05-01, with a time
    rf"|(?:{_DAY}[-_. ])?{_MONTH}[-_. ]{_YEAR}"  # 01.05.2024
)
_OF_A_CARD = re.compile(r"([1-9]\d\d)([A-Z_0-9]{5}|_{0,2}[A-Z]+)")  # DCIM/100CANON, 101APPLE
_MAKERS = word_set(
    "APPLE CANON FUJI NIKON OLYMP OLYMPUS PANA MSDCF GOPRO MEDIA PENTX PENTAX CASIO KODAK LEICA "
    "RICOH SIGMA SONY SAMSU ANDRO HUAWEI PHOTO MINOL CLOUD DJI EOS RECNX BTCF STC"
)


def as_parts(names: Collection[str]) -> bool:
    """Return whether folders are parts of one collection: ``images_001``, ``100CANON``, dates."""
    return as_series(names) or all(map(_is_word_for_nothing, names))


def as_series(names: Collection[str]) -> bool:
    """Return whether folders are parts by a number: ``batch1``, ``101APPLE``, ``2019``."""
    return numbered(names, _PARTS) or as_dates(names) or _as_cards(names)


def as_dates(names: Collection[str]) -> bool:
    """Return whether folders are years, months or days, as ``2019`` and ``01.05.2024``."""
    return all(map(_DATED.fullmatch, names))


def series_among(names: Collection[str]) -> tuple[str, list[str]]:
    """Return which of several folders are surely folds or parts, and what they are called then.

    Parameters
    ----------
    names : collection of str

    Returns
    -------
    kind : str
        ``"folds"`` or ``"parts"``.
    named : list of str
        Empty where there are none. Parts are more than half; numbers may be classes.
    """
    folds = sorted((name for name in names if as_folds([name])), key=natural_key)
    if len(folds) > 1 and as_folds(folds):
        return "folds", folds
    parts = sorted((name for name in names if as_series([name])), key=natural_key)
    several = 1 < len(parts) > len(names) / 2 and as_series(parts)
    return "parts", parts if several and not all(map(str.isdecimal, names)) else []


@lru_cache(maxsize=4096)
def is_of_a_division(name: str) -> bool:
    """Return whether a folder's name is that of a split, a fold or a part, and so of no class."""
    return bool(split_words(name)) or as_folds([name]) or as_parts([name])


def has_no_word(name: str) -> bool:
    """Return whether a name is made of numbers and signs alone: ``1.5``, ``+``."""
    return all(map(str.isdecimal, words_of(name)))


def _is_word_for_nothing(name: str) -> bool:
    """Return whether a name is a word such as ``photos``; numbers alone may well be classes."""
    return is_generic(name) and not has_no_word(name)


def _as_cards(names: Collection[str]) -> bool:
    """Return whether cameras name folders so: ``100CANON``, ``102CANON``; not ``200EUROS``.

    Behind the number stands a maker, a model with digits, or, if numbers follow each other, any
    word.
    """
    matches = [_OF_A_CARD.fullmatch(name) for name in names]
    if not all(matches):
        return False
    found = [match.groups() for match in matches if match]
    if all(word.strip("_") in _MAKERS or not word.isalpha() for _, word in found):
        return True
    numbers = sorted({int(number) for number, _ in found})
    return all(later - earlier == 1 for earlier, later in pairwise(numbers))
