"""Which class of a model a column or a value of a submission means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

__all__ = ["ClassNames", "Meaning", "as_number", "words_of"]

_NUMBER = re.compile(r"[-+]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][-+]?\d{1,3})?")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_MINUS = re.compile(r"(?:^|(?<=[\s_(]))-(?=\.?\d)")
_TELLING = "+#<>!~¬=%\0"  # signs without which a name means something else
_WORD = re.compile(
    r"(?:^|(?<=[\s_(]))-\d+|"
    r"[+#<>!~¬]*(?:[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|\d+)[+#<>!~¬]*"
)
_MOST_WORDS = 20
_SHORTEST_GLUED = 2


def _several(words: str) -> frozenset[str]:
    return frozenset(words.split())


_QUESTIONS = _several("is are was has have contains contain containing shows show with exists")
_AROUND = _QUESTIONS | _several(
    "of p pr prob probs proba probability probabilities likelihood chance pred preds predicted "
    "prediction predictions score scores confidence conf label labels target targets class classes "
    "y yhat hat value a an the in"
)
"""Words around the name of a class that leave its meaning as it is."""
_NEGATIONS = _several("not no non without un anti never")
_NEUTRAL = _AROUND | _several(
    "id category categories type kind group species animal animals pet pets breed expected actual "
    "outcome output result response answer answers truth gt ground true val final column col field "
    "data image photo name winner test my new code encoded"
)
"""Words of a column that asks for the answer, whatever the classes are."""
_YES_AND_NO = (
    ("0", "1"),
    ("no", "yes"),
    ("false", "true"),
    ("n", "y"),
    ("f", "t"),
    ("neg", "pos"),
    ("negative", "positive"),
    ("absent", "present"),
)


class Meaning(NamedTuple):
    """The number of the class that a column is of, or what stands against knowing it."""

    found: int | None = None
    doubt: str = ""


class ClassNames:
    """The names of a model's classes, found however a competition spells them.

    Parameters
    ----------
    classes : sequence of str
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = list(classes)
        self._keys = [_key(name) for name in classes]
        self._singulars = [_singular(key) for key in self._keys]
        self.yes_and_no = tuple(self._keys) in _YES_AND_NO

    def of_value(self, text: str) -> int | None:
        """Find the class that a value means, but for case, spaces, punctuation and plural.

        Numbers mean a class by their value alone: ``1.0`` is ``1``, and ``-1`` is not.
        """
        if text in self.classes:
            return self.classes.index(text)
        key = _key(text)
        for wanted, known in ((key, self._keys), (_singular(key), self._singulars)):
            alike = [i for i, one in enumerate(known) if one == wanted != ""]
            if alike:
                return alike[0] if len(alike) == 1 else None
        return None

    def of_column(self, name: str) -> Meaning:
        """Find the class that a column is of, also as ``is_cat`` or ``catProbability``.

        Other words beside a class, as in ``not_cat``, turn its meaning in a way that cannot be
        known, and so does a question for something that no class is called, as ``is_feline``.
        """
        found = self.of_value(name)
        if found is not None:
            return Meaning(found)
        words = [part for word in words_of(name) for part in self._unglued(word)][:_MOST_WORDS]
        named = self._named(words)
        if not named:
            return Meaning(doubt=self._doubt(words))
        first, last, found = named[0]
        others = [word for word in words[:first] + words[last:] if word not in _AROUND]
        if len({of_class for *_, of_class in named}) > 1:
            both = " and ".join(repr(self.classes[one]) for *_, one in named[:2])
            return Meaning(doubt=f"names the classes {both}")
        if not others:
            return Meaning(found)
        if as_number(self._keys[found]) is not None:  # a column is numbered for many reasons
            return Meaning(doubt=self._doubt(words))
        return Meaning(
            doubt=f"names the class {self.classes[found]!r} and says {' '.join(others)!r} of it"
        )

    def _named(self, words: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return where words are classes, as first, last and class, the longest names alone."""
        spans = [
            (first, last, found)
            for first in range(len(words))
            for last in range(first + 1, len(words) + 1)
            if (found := self.of_value(" ".join(words[first:last]))) is not None
        ]
        return [
            one
            for one in spans
            if not any(
                other[0] <= one[0] and one[1] <= other[1] and other[:2] != one[:2]
                for other in spans
            )
        ]

    def _unglued(self, word: str) -> list[str]:
        """Split a word that is a class and a word beside it, as ``iscat`` and ``notcat``."""
        if self.of_value(word) is not None or word in _NEUTRAL:
            return [word]
        for known in sorted({*self._keys, *self._singulars}, key=len, reverse=True):
            if len(known) < _SHORTEST_GLUED or as_number(known) is not None:
                continue
            for form in (f"{known}s", known):
                before, after = word.removesuffix(form), word.removeprefix(form)
                if before != word and before in _AROUND | _NEGATIONS:
                    return [before, known]
                if after != word and after in _AROUND | {"free", "less"}:
                    return [known, after]
        return [word]

    def _doubt(self, words: Sequence[str]) -> str:
        """Say why a column that names no class cannot be of the last one; empty where it can."""
        meant = [word for word in words if word not in _NEUTRAL and not word.isdecimal()]
        if self.yes_and_no or not meant or max(map(len, meant)) == 1:
            return ""
        return f"says {' '.join(meant)!r}, which is no class of the model"


def words_of(name: str) -> list[str]:
    """Split a column's name into words in lower case: ``isCat`` and ``is_cat`` are two each."""
    text = unicodedata.normalize("NFKC", name)
    return [word.casefold() for word in _WORD.findall(text)]


def as_number(text: str) -> Decimal | None:
    """Return the number that a text is, None where it is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) and text.isascii() else None


def _key(text: str) -> str:
    """Return a name without what is spelled in several ways: case, spaces and punctuation.

    Signs that tell names apart stay, and so does what stands between two digits.
    """
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    number = as_number(text)
    if number is not None:
        return str((number + 0).normalize())
    text = _MINUS.sub("~", _BETWEEN_DIGITS.sub("\0", text))
    return "".join(sign for sign in text if _is_kept(sign))


def _is_kept(sign: str) -> bool:
    return sign.isalnum() or sign in _TELLING or unicodedata.category(sign) in ("Mn", "Mc", "So")


def _singular(key: str) -> str:
    """Return an English word without the ending of its plural."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if key.endswith(ending) and len(key) > len(ending) + 2 and not key.endswith("ss"):
            return key.removesuffix(ending) + instead
    return key
